import type { Manifest, RestoredFacts, TableFingerprint, Trial, Verdict } from '../model/index.ts'
import { largeObjectFaults, sequenceFaults, tableDifferences } from './differences.ts'
import { objectDifferences } from './object-differences.ts'

/** A verdict and all that was found against it; a verdict `verified` has no differences. */
export interface Judgement {
  readonly verdict: Verdict
  readonly differences: readonly string[]
}

export interface Evidence {
  readonly trial: Trial
  /** What the dump's own snapshot held; null for an archive of another tool. */
  readonly manifest: Manifest | null
  /** The user said that SQL errors are no fault (`-I`). */
  readonly ignoreErrors: boolean
}

/**
 * The verdict (design section 2). Faults of the backup weigh most; then what keeps the verifier
 * from proving anything; exceptions leave it verified, each by its name.
 */
export function judge(evidence: Evidence): Judgement {
  const { trial } = evidence
  switch (trial.kind) {
    case 'broken':
      return { verdict: 'failed', differences: [trial.reason] }
    case 'trouble':
      return { verdict: 'could-not-verify', differences: [trial.reason, ...trial.log] }
    case 'restored':
      return judgeFacts(trial.facts, evidence)
    default:
      return trial
  }
}

function judgeFacts(facts: RestoredFacts, evidence: Evidence): Judgement {
  const { faults, exceptions, unproved } = differencesOf(facts, evidence)
  if (faults.length > 0) return { verdict: 'failed', differences: [...faults, ...exceptions] }
  const obstacle = obstacleTo(facts, evidence.manifest, unproved)
  if (obstacle !== null) {
    return { verdict: 'could-not-verify', differences: [obstacle, ...exceptions] }
  }
  const verdict = exceptions.length > 0 ? 'verified-with-exceptions' : 'verified'
  return { verdict, differences: exceptions }
}

function differencesOf(
  facts: RestoredFacts,
  { manifest, ignoreErrors }: Evidence,
): ReturnType<typeof tableDifferences> {
  const tables = tableDifferences(facts, manifest)
  const objects = objectDifferences(facts, manifest)
  const errors = facts.sqlErrors.map((error) => `SQL error: ${error}`)
  const errorsAreExcused = ignoreErrors || facts.missingExtensions.length > 0
  return {
    unproved: tables.unproved,
    faults: [
      ...tables.faults,
      ...sequenceFaults(facts),
      ...objects.faults,
      ...largeObjectFaults(facts, manifest),
      ...facts.invalidIndexes.map((name) => `index ${name} is not valid`),
      ...schemaFaults(facts, manifest),
      ...emptinessFaults(facts, manifest),
      ...checkFaults(facts),
      ...(errorsAreExcused ? [] : errors),
    ],
    exceptions: [
      ...(manifest === null ? [withoutManifest(facts)] : manifestExceptions(manifest, facts)),
      ...facts.missingExtensions.map(
        (name) => `extension ${name} is missing on the scratch server`,
      ),
      ...facts.inventedRoles.map((name) => `role ${name} is not in the archive and was invented`),
      ...facts.unvalidatedConstraints.map((name) => `constraint ${name} is NOT VALID, as dumped`),
      ...(facts.countProblem === null ? [] : [facts.countProblem]),
      ...facts.remarks,
      ...tables.exceptions,
      ...objects.exceptions,
      ...(errorsAreExcused ? errors : []),
    ],
  }
}

function withoutManifest({ archiveTables }: RestoredFacts): string {
  return archiveTables === null
    ? `there is no manifest, and ${uncounted}: rows could not be compared with anything`
    : 'there is no manifest: rows were compared with the archive’s own only'
}

/** When the loader has no count: it counts rows of `COPY … FROM stdin` as pg_dump writes it. */
const uncounted =
  'the archive’s own rows cannot be counted (INSERT, COPY with options, or names that are not UTF-8)'

/** What the manifest cannot say cannot be compared. */
function manifestExceptions(
  { fingerprint }: Manifest,
  { archiveTables }: RestoredFacts,
): readonly string[] {
  if (fingerprint.tables === null) {
    const reason = fingerprint.problem ?? 'FINGERPRINT was off'
    const text = `rows were not counted in the dump's snapshot (${reason})`
    return archiveTables === null
      ? [`${text}, and ${uncounted}: rows could not be compared with anything`]
      : [`${text}, only in the archive`]
  }
  return fingerprint.problem === null ? [] : [fingerprint.problem]
}

/** Whoever names a schema wants a table in it, whatever the database held (contract, TABLE_SCHEMA). */
function schemaFaults(
  { schema, missingExtensions }: RestoredFacts,
  manifest: Manifest | null,
): readonly string[] {
  if (schema === null || schema.tables > 0) return []
  const { name } = schema
  if (!hadNoTableIn(name, manifest)) {
    return missingExtensions.length > 0 ? [] : [`schema ${name} has no table`]
  }
  return [
    `schema ${name} has no table, nor had it one in the database when it was dumped: if that is right, TABLE_SCHEMA (verifySchema in backup.conf) does not fit this database`,
  ]
}

/** Only a list of tables that is known to be whole can say so. */
function hadNoTableIn(schema: string, manifest: Manifest | null): boolean {
  const { tables = null, problem = null } = manifest?.fingerprint ?? {}
  return tables !== null && problem === null && tables.every((table) => table.schema !== schema)
}

/** An empty database may have been backed up; an archive that nobody knows and holds nothing is none. */
function emptinessFaults(facts: RestoredFacts, manifest: Manifest | null): readonly string[] {
  if (manifest !== null || facts.tables.length > 0 || facts.missingExtensions.length > 0) return []
  return ['there is no table in the restored database']
}

function checkFaults({ checks }: RestoredFacts): readonly string[] {
  return checks.flatMap(({ name, problem }) =>
    problem === null ? [] : [`check ${name} does not hold: ${problem}`],
  )
}

/** What was not restored for want of an extension has not been proved, nor found to be bad. */
function obstacleTo(
  { missingExtensions, tables, schema }: RestoredFacts,
  manifest: Manifest | null,
  unproved: readonly TableFingerprint[],
): string | null {
  if (missingExtensions.length === 0) return null
  const without = `could be restored without ${missingExtensions.join(', ')} on the scratch server`
  if (tables.length === 0) return `no table ${without}`
  if (unproved.length > 0) {
    const rows = unproved.reduce((sum, table) => sum + table.rows, 0)
    return `not all tables ${without}: ${rows} rows of ${unproved.length} of them are not proved`
  }
  if (schema === null || schema.tables > 0 || hadNoTableIn(schema.name, manifest)) return null
  return `no table of schema ${schema.name} ${without}`
}
