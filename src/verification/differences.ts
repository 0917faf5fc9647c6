import type { Manifest, RestoredFacts, TableFingerprint } from '../model/index.ts'

/** What weighs against a backup, and what only limits how much was proved. Whole phrases. */
export interface Differences {
  readonly faults: readonly string[]
  readonly exceptions: readonly string[]
}

type Expected = ReadonlyMap<string, TableFingerprint>

/**
 * Every table of the dump's snapshot with its rows, then those of the archive's own COPY blocks
 * that the snapshot has no count of.
 */
export function tableDifferences(facts: RestoredFacts, manifest: Manifest | null): Differences {
  const expected = expectedTables(facts, manifest)
  const found = new Map(facts.tables.map((table) => [nameOf(table), table]))
  const faults: string[] = []
  const exceptions: string[] = []
  for (const [name, table] of expected) {
    const restored = found.get(name)
    if (restored !== undefined) {
      faults.push(...contentFaults(name, table, restored))
    } else if (facts.missingExtensions.length > 0) {
      exceptions.push(`table ${name} could not be restored without the missing extension`)
    } else {
      faults.push(`table ${name} is missing`)
    }
  }
  faults.push(...surplus(facts, expected, manifest))
  return { faults, exceptions }
}

function expectedTables(facts: RestoredFacts, manifest: Manifest | null): Expected {
  const ofArchive = byName(facts.archiveTables ?? [])
  const ofSnapshot = byName(manifest?.fingerprint.tables ?? [])
  return new Map([...ofArchive, ...ofSnapshot])
}

function byName(tables: readonly TableFingerprint[]): Expected {
  return new Map(tables.map((table) => [nameOf(table), table]))
}

function contentFaults(
  name: string,
  expected: TableFingerprint,
  restored: TableFingerprint,
): readonly string[] {
  if (expected.rows !== restored.rows) {
    return [`table ${name} has ${restored.rows} rows instead of ${expected.rows}`]
  }
  const differs =
    expected.digest !== undefined &&
    restored.digest !== undefined &&
    expected.digest !== restored.digest
  return differs ? [`table ${name} has as many rows, but their content differs`] : []
}

/** Rows from nowhere, where the snapshot's list of tables is known to be whole. */
function surplus(
  facts: RestoredFacts,
  expected: Expected,
  manifest: Manifest | null,
): readonly string[] {
  const listIsWhole = (manifest?.fingerprint.tables ?? null) !== null
  if (!listIsWhole || manifest?.fingerprint.problem !== null) return []
  return facts.tables
    .filter((table) => table.rows > 0 && !expected.has(nameOf(table)))
    .map((table) => `table ${nameOf(table)} with ${table.rows} rows was not in the database`)
}

/** Sequences do not obey snapshots, so the archive's own word counts. */
export function sequenceFaults({ sequences, missingExtensions }: RestoredFacts): readonly string[] {
  return sequences.flatMap(({ name, archive, restored }) => {
    if (restored === null) {
      return missingExtensions.length > 0 ? [] : [`sequence ${name} is missing`]
    }
    const isEqual = archive.value === restored.value && archive.called === restored.called
    return isEqual
      ? []
      : [`sequence ${name} stands at ${restored.value} instead of ${archive.value}`]
  })
}

/** `schema.table`, as people write it. */
function nameOf({ schema, table }: Pick<TableFingerprint, 'schema' | 'table'>): string {
  return `${schema}.${table}`
}
