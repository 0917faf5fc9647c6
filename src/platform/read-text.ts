import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { isCode } from './files.ts'

/** The text of a file; null when there is none. Rejects when it cannot be read, or is not UTF-8. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    const bytes = await readFile(path)
    if (isUtf8(bytes)) return bytes.toString('utf8')
    throw new Error(`line ${badLineOf(bytes)} is not UTF-8`)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

function badLineOf(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n')
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1
}
