import { statfs } from 'node:fs/promises'
import { type Account, firstError, messageOf, Refusal } from '../model/index.ts'

/** In bytes. `free` is what an unprivileged process may still use; quotas do not show in it. */
export interface DiskSpace {
  readonly free: number
  readonly total: number
}

/** The space of the volume that holds `folder`, which must exist. */
export async function diskSpaceOf(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { free: bavail * bsize, total: blocks * bsize }
}

const enlarge =
  'Enlarge the volume, or free space with `backup.sh -p` and smaller retention counts.'
const permit = 'Give this user access to it: check its owner, group, fsGroup and mode.'

/** What people can do about the errors of a volume, by the code of the file system. */
const accounts: Readonly<Record<string, Account & { readonly is: string }>> = {
  ENOSPC: { is: 'is full', advice: enlarge },
  EDQUOT: { is: 'has used up its quota', advice: enlarge.replace('volume', 'quota') },
  EROFS: {
    is: 'is mounted read-only',
    advice: 'Mount it writable, or look at why it went read-only.',
  },
  EACCES: { is: 'does not let us in', advice: permit },
  EPERM: { is: 'does not permit it', advice: permit },
  ENAMETOOLONG: {
    is: 'takes no name as long as this',
    advice: 'Give the database a shorter one: the option `name = …` in backup.conf.',
  },
  ENOTDIR: {
    is: 'has a file where a folder should be',
    advice: 'Correct BACKUP_DIR, or move that file away.',
  },
  ESTALE: {
    is: 'has lost sight of the file',
    advice: 'Check the file server, and that nobody else deletes files there.',
  },
  EIO: { is: 'has an input/output error', advice: 'Check the health of the volume and its logs.' },
}

/**
 * The error as a `Refusal` when it is about the volume (full, read-only, not ours ...), else as it
 * is. `doing` begins its message: `Writing 2026-11-20/app….sql.gz`.
 */
export function explainDiskError(thrown: unknown, doing: string, leaves = ''): unknown {
  // Closing a file after a failed write may fail as well; the first failure tells more.
  const error = firstError(thrown)
  const account = accounts[codeOf(error)]
  if (account === undefined) return thrown
  return new Refusal(`${doing} failed: the volume ${account.is}.`, {
    reason: [`${messageOf(error)}.`, leaves].filter((part) => part !== '').join(' '),
    advice: account.advice,
    cause: error,
  })
}

/** Does `action`; rejects with `explainDiskError` of its error. */
export async function explainingDiskErrors<Result>(
  doing: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action()
  } catch (error) {
    throw explainDiskError(error, doing)
  }
}

/**
 * Does `action`, which writes to the scratch folder of a place that is not on this machine; rejects
 * with an account that speaks of that folder.
 */
export async function explainingScratchErrors<Result>(
  folder: string,
  doing: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action()
  } catch (thrown) {
    const error = firstError(thrown)
    const cause = error instanceof Refusal ? error.cause : error
    const code = codeOf(cause)
    const is = code === 'EEXIST' ? 'is no folder' : accounts[code]?.is
    if (is === undefined) throw thrown
    throw new Refusal(`${doing} failed: the scratch folder ${is}.`, {
      reason: `${messageOf(cause)}.`,
      advice: `Let SCRATCH_DIR name a folder that this user may write, with room for the largest archive. It is ${folder} now.`,
      cause,
    })
  }
}

function codeOf(error: unknown): string {
  return (error instanceof Error && (error as NodeJS.ErrnoException).code) || ''
}
