import { basename } from 'node:path'
import { chooseAnotherBackup, Refusal } from '../../../model/index.ts'
import { isCode } from '../../../platform/index.ts'
import { Damage } from './damage.ts'

/** Runs a check of an archive; what is wrong with the file becomes a Refusal that names it. */
export async function refusing<Result>(
  path: string,
  check: () => Promise<Result>,
): Promise<Result> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof Damage) {
      throw new Refusal(`The archive ${basename(path)} is damaged.`, {
        reason: `${capitalised(error.message)}.`,
        advice: chooseAnotherBackup,
        isDamage: true,
        cause: error,
      })
    }
    if (isCode(error, 'ENOENT', 'EACCES', 'EIO')) {
      throw new Refusal(`The archive ${basename(path)} cannot be read.`, {
        reason: (error as Error).message,
        advice: 'Look at the rights and the health of the volume.',
        cause: error,
      })
    }
    throw error
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
