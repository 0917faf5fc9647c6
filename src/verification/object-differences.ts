import {
  type Manifest,
  type ObjectKind,
  type ObjectsOfKind,
  objectKinds,
  type RestoredFacts,
} from '../model/index.ts'
import type { Differences } from './differences.ts'

/** Names in a phrase, before it says how many more there are. */
const mostNames = 5

/**
 * What the dump's snapshot held beside rows against what is in the restored database. Manifests of
 * before this was recorded say nothing, and nothing is said about them. What is missing is excused
 * where an extension is: who needs it cannot be told.
 */
export function objectDifferences(facts: RestoredFacts, manifest: Manifest | null): Differences {
  const found = new Map(facts.objects.map((one) => [one.kind, one]))
  const faults: string[] = []
  const exceptions: string[] = []
  for (const expected of manifest?.fingerprint.objects ?? []) {
    const restored = found.get(expected.kind)
    if (restored === undefined) exceptions.push(...notCompared(expected))
    else if (restored.digest !== expected.digest || restored.count !== expected.count) {
      const { missing, other } = compare(expected, restored, facts.missingExtensions)
      if (facts.missingExtensions.length > 0) exceptions.push(...missing.map(excused))
      else faults.push(...missing)
      faults.push(...other)
    }
  }
  return { faults, exceptions }
}

/** How many of each kind the comparison was about. */
export function comparedObjects(
  facts: RestoredFacts,
  manifest: Manifest | null,
): readonly { readonly kind: string; readonly count: number }[] {
  const found = new Set(facts.objects.map(({ kind }) => kind))
  return (manifest?.fingerprint.objects ?? [])
    .filter(({ kind, count }) => count > 0 && found.has(kind))
    .map(({ kind, count }) => ({ kind, count }))
}

function notCompared({ kind, count, names }: ObjectsOfKind): readonly string[] {
  if (names !== null) return phrase(kind, names, ['could not be compared', 'could not be compared'])
  return count === 0 ? [] : [`${counted(count, kind)} could not be compared`]
}

interface Phrases {
  readonly missing: readonly string[]
  readonly other: readonly string[]
}

function compare(
  expected: ObjectsOfKind,
  restored: ObjectsOfKind,
  missingExtensions: readonly string[],
): Phrases {
  const { kind } = expected
  if (expected.names === null || restored.names === null) return unnamed(expected, restored)
  const had = new Set(expected.names)
  const has = new Set(restored.names)
  const named = new Set(kind === 'extension' ? missingExtensions : [])
  const missing = expected.names.filter((name) => !has.has(name) && !named.has(name))
  const surplus = restored.names.filter((name) => !had.has(name))
  return {
    missing: phrase(kind, missing, ['is missing', 'are missing']),
    other: phrase(kind, surplus, ['was not in the database', 'were not in the database']),
  }
}

/** There were too many to record their names. */
function unnamed(expected: ObjectsOfKind, restored: ObjectsOfKind): Phrases {
  const { kind, count } = expected
  if (restored.count !== count) {
    const text = `there are ${counted(restored.count, kind)} instead of ${count}`
    return restored.count < count ? { missing: [text], other: [] } : { missing: [], other: [text] }
  }
  return { missing: [`of ${counted(count, kind)} some are others than in the database`], other: [] }
}

function phrase(
  kind: string,
  names: readonly string[],
  [one, many]: readonly [string, string],
): readonly string[] {
  if (names.length === 0) return []
  if (names.length === 1) return [`${kind} ${names.join('')} ${one}`]
  const listed = names.slice(0, mostNames).join('; ')
  const more = names.length - mostNames
  const rest = more > 0 ? ` and ${more} more` : ''
  return [`${counted(names.length, kind)} ${many}: ${listed}${rest}`]
}

function excused(text: string): string {
  return `${text}, perhaps for want of the missing extension`
}

function counted(count: number, kind: string): string {
  const many = kind in objectKinds ? objectKinds[kind as ObjectKind] : kind
  return `${count} ${count === 1 ? kind : many}`
}
