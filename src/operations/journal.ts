import type { RunDocument } from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { isGoingOn } from './going-on.ts'

/** One run on record, and what became of it. */
export interface JournalEntry {
  readonly run: RunDocument
  /** `unfinished`: it was killed. */
  readonly state: NonNullable<RunDocument['result']> | 'running' | 'unfinished'
}

/** Those that hold the lock of the volume while they run. */
const locking: ReadonlySet<RunDocument['verb']> = new Set(['back-up', 'prune', 'mirror'])

/** The last runs of every kind, newest first. Changes nothing. */
export async function readJournal(
  { catalog, volume }: Appliance,
  { limit }: { readonly limit: number },
): Promise<readonly JournalEntry[]> {
  const holder = await volume.readLock()
  const seen = new Set<RunDocument['verb']>()
  const runs = await catalog.recentRuns({ limit })
  return runs.map((run) => {
    const isNewest = !seen.has(run.verb)
    seen.add(run.verb)
    const goesOn = locking.has(run.verb) ? isGoingOn(run, holder) : isNewest
    return { run, state: run.result ?? (goesOn ? 'running' : 'unfinished') }
  })
}
