import { type Backup, Refusal } from '../model/index.ts'
import { explainDiskError } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/**
 * Reads a backup while pruning leaves it alone, which needs no lock. Where the volume cannot be
 * written there is a warning instead of a shield: nobody could prune from here either. A backup that
 * is not on this machine is brought here first.
 */
export async function whileShielded<Result>(
  appliance: Appliance,
  backup: Backup,
  read: () => Promise<Result>,
): Promise<Result> {
  await using _shield = appliance.from === null ? await shieldFor(appliance, backup.path) : null
  await using _brought = (await appliance.fetch?.(backup, appliance)) ?? null
  return await read()
}

async function shieldFor({ catalog, tell }: Appliance, path: string): Promise<AsyncDisposable> {
  try {
    return await catalog.shields.hold(path)
  } catch (error) {
    const told = explainDiskError(error, `Shielding ${path} from pruning`)
    if (!(told instanceof Refusal)) throw error
    tell({ kind: 'warning', database: null, text: `${told.message} Do not prune meanwhile.` })
    return { [Symbol.asyncDispose]: async () => {} }
  }
}
