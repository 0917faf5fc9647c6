import type { Manifest, RestoredFacts, TableFingerprint } from '../model/index.ts'
import { nameOf, withTreesAsOne } from './loaded-trees.ts'

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
export function tableDifferences(
  facts: RestoredFacts,
  manifest: Manifest | null,
): Differences & {
  /** With rows, and not there for want of an extension: nothing is proved of them. */
  readonly unproved: readonly TableFingerprint[]
} {
  const expected = expectedTables(facts, manifest)
  const restoredTables = withTreesAsOne(facts.tables, facts.trees)
  const found = byName(restoredTables)
  const faults: string[] = []
  const exceptions: string[] = []
  const unproved: TableFingerprint[] = []
  for (const [name, table] of expected) {
    const restored = found.get(name)
    if (restored !== undefined) {
      faults.push(...contentFaults(name, table, restored))
    } else if (facts.missingExtensions.length > 0) {
      exceptions.push(`table ${name} could not be restored without the missing extension`)
      if (table.rows > 0) unproved.push(table)
    } else {
      faults.push(`table ${name} is missing`)
    }
  }
  faults.push(...surplus(restoredTables, expected, manifest))
  return { faults, exceptions, unproved }
}

function expectedTables(facts: RestoredFacts, manifest: Manifest | null): Expected {
  const ofArchive = byName(withTreesAsOne(facts.archiveTables ?? [], facts.trees))
  const ofSnapshot = byName(withTreesAsOne(countedWholly(facts, manifest), facts.trees))
  return new Map([...ofArchive, ...ofSnapshot])
}

/** Without partitions of a tree of which others could not be counted: no sum can be had. */
function countedWholly(
  { trees }: RestoredFacts,
  manifest: Manifest | null,
): readonly TableFingerprint[] {
  const { tables, problem = null } = manifest?.fingerprint ?? {}
  const counted = tables ?? []
  if (problem === null) return counted
  const names = new Set(counted.map(nameOf))
  const half = trees.filter(({ leaves }) => leaves.some((leaf) => !names.has(nameOf(leaf))))
  const left = new Set(half.flatMap(({ leaves }) => leaves.map(nameOf)))
  return counted.filter((table) => !left.has(nameOf(table)))
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
  return digestsDiffer(expected, restored)
    ? [`table ${name} has as many rows, but their content differs`]
    : []
}

interface Digested {
  readonly digest?: string | undefined
}

function digestsDiffer({ digest: expected }: Digested, { digest: restored }: Digested): boolean {
  return expected !== undefined && restored !== undefined && expected !== restored
}

/** Rows from nowhere, where the snapshot's list of tables is known to be whole. */
function surplus(
  restored: readonly TableFingerprint[],
  expected: Expected,
  manifest: Manifest | null,
): readonly string[] {
  const listIsWhole = (manifest?.fingerprint.tables ?? null) !== null
  if (!listIsWhole || manifest?.fingerprint.problem !== null) return []
  return restored
    .filter((table) => table.rows > 0 && !expected.has(nameOf(table)))
    .map((table) => `table ${nameOf(table)} with ${table.rows} rows was not in the database`)
}

/** Whether anybody said how many rows there should be. */
export function rowsAreCompared(facts: RestoredFacts, manifest: Manifest | null): boolean {
  return facts.archiveTables !== null || (manifest?.fingerprint.tables ?? null) !== null
}

/** Manifests of before this was recorded say nothing. */
export function largeObjectFaults(
  { largeObjects: restored }: RestoredFacts,
  manifest: Manifest | null,
): readonly string[] {
  const expected = manifest?.fingerprint.largeObjects ?? null
  if (expected === null || restored === null) return []
  if (expected.bytes !== restored.bytes) {
    return [`large objects have ${restored.bytes} bytes instead of ${expected.bytes}`]
  }
  return digestsDiffer(expected, restored)
    ? ['large objects have as many bytes, but their content differs']
    : []
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
