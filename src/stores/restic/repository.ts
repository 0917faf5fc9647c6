import { readdir } from 'node:fs/promises'
import { Refusal } from '../../model/index.ts'
import { isCode } from '../../platform/index.ts'
import { kindOf } from './problems.ts'
import type { Restic } from './tool.ts'

/**
 * What `action` brings, on a repository that is made if its place says that it has none. Whatever
 * else is in the way (a wrong password, no rights, no network) is an error: a second repository
 * would hide the first.
 */
export async function onRepository<Result>(
  restic: Restic,
  signal: AbortSignal,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action()
  } catch (error) {
    if (kindOf(error) !== 'missing') throw error
  }
  await refuseRemains(restic.options.environment['RESTIC_REPOSITORY'] ?? '')
  // Refuses itself when there is one after all.
  await restic.run(['init'], { signal })
  return await action()
}

/** A folder that lost its config is a repository to rescue, not a place for a new one. */
async function refuseRemains(repository: string): Promise<void> {
  const local = repository.replace(/^local:/u, '')
  if (/^[a-z\d]+:/u.test(local)) return
  const names = await entriesOf(local)
  if (names.every((name) => name === 'lost+found')) return
  throw new Refusal('The place of the restic repository is not empty, and no repository.', {
    reason: `It holds ${names.slice(0, 3).join(', ')}, but no config: it may be damaged.`,
    advice: 'Restore its config, or set RESTIC_REPOSITORY to an empty or a new folder.',
    concernsStore: true,
  })
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}
