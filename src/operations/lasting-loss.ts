import { type Backup, type ConfiguredDatabase, identityOf } from '../model/index.ts'
import { type Anomaly, type FallenTable, fallenTables, planRetention } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { policiesIn } from './retention-policy.ts'

/** More tables say no more. */
const mostNamed = 20

/**
 * The fall of size or rows that lasts until the newest of these backups and that nobody has
 * accepted; null: there is none.
 * @param backups of that database, in any order.
 */
export async function lastingLoss(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backups: readonly Backup[],
): Promise<Anomaly | null> {
  const { catalog, clock, volume } = appliance
  const { anomaly } = planRetention({
    backups,
    policy: policiesIn(appliance, volume.name)(database),
    now: clock.now(),
    accepted: await catalog.readAcceptance(identityOf(database.spec)),
  })
  return anomaly
}

/**
 * What who restores this backup would miss of an earlier one, and how to have that instead; null:
 * nothing that we know of.
 * @param own the backups of that database.
 */
export async function lossWith(
  appliance: Appliance,
  {
    database,
    backup,
    own,
  }: {
    readonly database: ConfiguredDatabase
    readonly backup: Backup
    readonly own: readonly Backup[]
  },
): Promise<string | null> {
  if (!own.includes(backup)) return null
  const until = own.filter(({ takenAt }) => takenAt <= backup.takenAt)
  const anomaly = await lastingLoss(appliance, database, until)
  if (anomaly === null) return null
  const { before, shownBy } = anomaly
  const { anomalyThreshold } = policiesIn(appliance, appliance.volume.name)(database)
  const fall = fallText(anomaly, shownBy.path, before.path)
  const tables = tablesThatFell(before, shownBy, anomalyThreshold)
  return `${fall}; to restore that one: -f ${before.path}.${tables}`
}

/** `<less> has 93 % fewer rows than <more>`. */
export function fallText({ fellBy, what }: Anomaly, less: string, more: string): string {
  return `${less} has ${fellBy} % ${what === 'rows' ? 'fewer rows' : 'less data'} than ${more}`
}

/** A sentence about them; empty where there are none. */
export function tablesThatFell(
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
