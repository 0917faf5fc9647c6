import { closestWord } from './closest-word.ts'
import { mirrorVariables } from './retention.ts'
import type { Row } from './setting-row.ts'
import { retaining } from './settings-for-retention.ts'
import { settingsTable } from './settings-table.ts'

const rows: readonly (readonly [string, Row])[] = Object.entries(settingsTable)
const known = new Set([
  ...rows.flatMap(([name, { lookup = [] }]) => [name, ...lookup]),
  ...mirrorVariables.map(({ name }) => name),
])

/** `KEEP` is like too many other words. */
const candidates = [
  'BACKUP_STRATEGY',
  'NUM_BACKUPS',
  'DAILY_BACKUPS',
  'WEEKLY_BACKUPS',
  'MONTHLY_BACKUPS',
  'S3_BACKUP_MAX_AGE',
  ...Object.keys(retaining).filter((name) => name !== 'KEEP'),
]
const isLong = (name: string): boolean => name.length >= 'KEEP_LAST'.length

/** restic has `--keep-daily`. */
const singulars = new Map(candidates.map((name) => [name.replace(/IES$/u, 'Y'), name]))

/** Too short to be found by likeness. */
const exactly = new Map([['MIRROR', 'MIRRORS']])

/** Credentials of a host `keep`, and what Kubernetes tells of a service of that name. */
const notMeant = /_(?:(?:USER|PASSWORD)(?:_FILE)?|(?:SERVICE|PORT)(?:_.*)?)$/u

/**
 * Warnings of variables that were probably meant for retention or mirrors: whoever believes to keep
 * more than is kept learns it too late otherwise.
 * @param names of all variables that are set
 */
export function warningsOfMisspelled(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    if (known.has(name) || notMeant.test(name)) return []
    const meant = meantBy(name)
    if (meant === null && !name.startsWith('KEEP_')) return []
    const advice = meant === null ? 'docs/retention.md has all settings.' : `Did you mean ${meant}?`
    return [`${name} is not a setting and does nothing. ${advice}`]
  })
}

function meantBy(name: string): string | null {
  const near =
    exactly.get(name) ??
    closestWord(name, candidates.filter(isLong)) ??
    closestWord(name, [...singulars.keys()], 1)
  return near === null ? null : (singulars.get(near) ?? near)
}
