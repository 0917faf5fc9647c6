import { Refusal, type RunDocument, secondText, sentencesOf } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** How far back an interrupted run is looked for, in runs. */
const mostRuns = 200

/**
 * Settles what runs that died while they pruned have left: for a file that is gone its manifest
 * goes, too, and one that is still there is taken off their records; the next plan judges it anew.
 * Then their records are closed. The caller holds the lock, so that no such run is alive.
 */
export async function settleDeletions(appliance: Appliance): Promise<void> {
  const { volume, catalog, clock, signal } = appliance
  const runs = (await catalog.recentRuns({ limit: mostRuns })).filter(isUnsettled)
  if (runs.length === 0) return
  const endedAt = clock.now().toISOString()
  const present = new Set((await volume.list(signal)).map(({ path }) => path))
  for (const run of runs) {
    const gone = run.removed.filter((path) => !present.has(path))
    for (const path of gone) await catalog.remove(path)
    const left = run.removed.length - gone.length
    if (left > 0) appliance.tell({ kind: 'warning', database: null, text: textOf(run, left) })
    await close(appliance, { ...run, removed: gone, endedAt, result: 'interrupted' })
  }
}

function isUnsettled({ verb, endedAt, removed }: RunDocument): boolean {
  return endedAt === null && removed.length > 0 && (verb === 'prune' || verb === 'back-up')
}

/** On a volume without any room pruning must go on; the next run tries it again. */
async function close({ catalog, tell }: Appliance, document: RunDocument): Promise<void> {
  try {
    await catalog.saveRun(document)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const text = `The record of an interrupted run could not be closed. ${sentencesOf(error.message, error.reason)}`
    tell({ kind: 'warning', database: null, text })
  }
}

function textOf({ startedAt }: RunDocument, left: number): string {
  const what =
    left === 1 ? '1 backup that it was to delete is' : `${left} backups that it was to delete are`
  return `The pruning of ${secondText(new Date(startedAt))} was interrupted; ${what} judged anew.`
}
