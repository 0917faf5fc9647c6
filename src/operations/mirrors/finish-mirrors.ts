import type { ConfiguredDatabase } from '../../model/index.ts'
import type { MirrorOutcome, MirrorRun } from './mirror-run.ts'

/**
 * Finishes all of them side by side, but recovers the catalog from all before any decides what it
 * lacks: what one copies and puts on record, the manifest that another brings back would hide.
 */
export async function finishMirrors(
  runs: readonly MirrorRun[],
  databases: readonly ConfiguredDatabase[],
): Promise<readonly MirrorOutcome[]> {
  for (const run of runs) await run.recoverCatalog(databases)
  return await Promise.all(runs.map((run) => run.finish(databases)))
}
