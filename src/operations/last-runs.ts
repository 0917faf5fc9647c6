import {
  type ConfiguredDatabase,
  type DatabaseOutcome,
  identityOf,
  type RunDocument,
} from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { isGoingOn } from './going-on.ts'

/** One run, as far as it concerned one database. */
export interface LastRun {
  readonly run: RunDocument
  readonly outcome: DatabaseOutcome
  readonly state: DatabaseOutcome['state'] | 'unfinished'
}

/** How far back runs of one database are looked for, in runs of all of them. */
const mostRuns = 2_000

/** The last runs that concerned a database, newest first. Changes nothing. */
export async function lastRuns(
  { catalog, volume }: Appliance,
  { spec }: ConfiguredDatabase,
  { limit }: { readonly limit: number },
): Promise<readonly LastRun[]> {
  const identity = identityOf(spec)
  const holder = await volume.readLock()
  const found: LastRun[] = []
  const newestOf = new Set<RunDocument['verb']>()
  for (const run of await catalog.recentRuns({ limit: mostRuns })) {
    const isNewest = !newestOf.has(run.verb)
    newestOf.add(run.verb)
    const outcome = run.databases.find((candidate) => candidate.spec === identity)
    if (outcome === undefined) continue
    // Only backups hold the lock; of the others one at a time can be under way.
    const goesOn = run.verb === 'back-up' ? isGoingOn(run, holder) : isNewest
    const isDead = outcome.state === 'running' && !goesOn
    found.push({ run, outcome, state: isDead ? 'unfinished' : outcome.state })
    if (found.length === limit) break
  }
  return found
}
