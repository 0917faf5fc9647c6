import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isCode } from './files.ts'

/** Kubernetes shows no more of it. */
const mostBytes = 4_096

/**
 * Writes the last word of this process where Kubernetes looks for it (`kubectl describe pod`).
 * Only into a file that is there already: elsewhere than in a pod nobody would read it.
 * @throws the error of the file system, when the file is there and cannot be written.
 */
export async function writeTerminationMessage(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, constants.O_WRONLY | constants.O_TRUNC)
    await file.writeFile(Buffer.from(`${text}\n`).subarray(0, mostBytes))
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}
