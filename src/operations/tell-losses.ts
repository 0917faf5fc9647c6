import type { Backup, ConfiguredDatabase } from '../model/index.ts'
import type { RetentionPlan } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { fallText, tablesThatFell } from './lasting-loss.ts'

/** Tells people when the newest backup has much less in it than those before, and in which tables. */
export function tellLosses(
  { tell, volume }: Appliance,
  {
    database,
    backups,
    plan: { anomaly },
    threshold,
  }: {
    readonly database: ConfiguredDatabase
    /** The new one first. */
    readonly backups: readonly Backup[]
    readonly plan: RetentionPlan
    /** In percent. */
    readonly threshold: number
  },
): void {
  if (anomaly === null) {
    const [newestBackup, ...older] = backups
    const last = older.find(({ quality, manifest }) => quality === 'good' && manifest !== null)
    const tables = tablesThatFell(last, newestBackup, threshold)
    if (tables === '' || newestBackup === undefined) return
    const text = `The newest backup has far fewer rows than the last good one.${tables}`
    const path = volume.label(newestBackup.path)
    return tell({ kind: 'anomaly', database, path, text })
  }
  const { before, shownBy, newest } = anomaly
  // With those that the message names, in every run until it is over.
  const tables = tablesThatFell(before, shownBy, threshold)
  const path = volume.label(shownBy.path)
  const which = shownBy === newest ? 'The newest backup' : path
  const fall = fallText(anomaly, which, volume.label(before.path))
  const text = `${fall}, which therefore stays. If that is right, say so with --accept ${database.spec.written}.${tables}`
  tell({ kind: 'anomaly', database, path, text })
}
