import type { Backup, ConfiguredDatabase } from '../model/index.ts'
import { type FallenTable, fallenTables, type RetentionPlan } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'

/** More tables say no more. */
const mostNamed = 20

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
  const { what, fellBy, before, shownBy, newest } = anomaly
  const noun = what === 'rows' ? 'fewer rows' : 'less data'
  // With those that the message names, in every run until it is over.
  const tables = tablesThatFell(before, shownBy, threshold)
  const path = volume.label(shownBy.path)
  const which = shownBy === newest ? 'The newest backup' : path
  const text = `${which} has ${fellBy} % ${noun} than ${volume.label(before.path)}, which therefore stays. If that is right, say so with --accept ${database.spec.written}.${tables}`
  tell({ kind: 'anomaly', database, path, text })
}

/** A sentence about them; empty where there are none. */
function tablesThatFell(
  before: Backup | undefined,
  after: Backup | undefined,
  threshold: number,
): string {
  if (!before?.manifest || !after?.manifest) return ''
  const all = fallenTables(before.manifest, after.manifest, threshold)
  if (all.length === 0) return ''
  const rest = all.length > mostNamed ? ` and ${all.length - mostNamed} more` : ''
  return ` Rows that went: ${all.slice(0, mostNamed).map(rowsText).join(', ')}${rest}.`
}

function rowsText({ schema, table, from, to }: FallenTable): string {
  return `${schema}.${table} ${from} to ${to}`
}
