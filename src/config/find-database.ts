import { type ConfiguredDatabase, type DatabaseSpec, identityOf, Refusal } from '../model/index.ts'
import { closestWord } from './closest-word.ts'
import { mistyped } from './problems.ts'
import { means, readSpec, type WrittenSpec } from './spec.ts'

/**
 * The configured database that a spec on the command line means. A type or port that is left out
 * fits any; options after `?` say nothing here.
 * @throws Refusal, exit status 2, with the databases to choose from, when it is not exactly one.
 */
export function findDatabase(
  { databases }: { readonly databases: readonly ConfiguredDatabase[] },
  specText: string,
): ConfiguredDatabase {
  return pickMeant(readSpecAmong(databases, specText), databases)
}

/** @throws Refusal, exit status 2; for a mere name with the databases that it may mean. */
export function readSpecAmong(
  databases: readonly ConfiguredDatabase[],
  specText: string,
): WrittenSpec {
  if (specText.includes('/') || databases.length === 0) return asTyped(() => readSpec(specText))
  const names = databases.map(({ spec }) => spec.database)
  const near = names.includes(specText) ? specText : closestWord(specText, names)
  const meant = databases.filter(({ spec }) => spec.database === near)
  throw mistyped(
    `${JSON.stringify(specText)} names no database: its host is missing.`,
    `${guessOf(meant.map(({ spec }) => identityOf(spec)))}There are: ${listOf(databases)}.`,
  )
}

/** The same words, for who typed it. */
function asTyped<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) throw mistyped(error.message, error.advice)
    throw error
  }
}

/** The only candidate that `wanted` means. @throws Refusal, exit status 2. */
export function pickMeant<Candidate extends { readonly spec: DatabaseSpec }>(
  wanted: WrittenSpec,
  candidates: readonly Candidate[],
): Candidate {
  const meant = candidates.filter(({ spec }) => means(wanted, spec))
  const [only] = meant
  if (only === undefined) throw noneOf(wanted, candidates)
  if (meant.length === 1) return only
  throw mistyped(
    `${wanted.written} may be more than one of the configured databases.`,
    `Write one of ${listOf(meant)}.`,
  )
}

function noneOf(
  wanted: WrittenSpec,
  candidates: readonly { readonly spec: DatabaseSpec }[],
): Refusal {
  const list = candidates.length === 0 ? 'There are none.' : `There are: ${listOf(candidates)}.`
  const guess = guessOf(closestSpec(wanted, candidates))
  return mistyped(`${wanted.written} is none of the configured databases.`, guess + list)
}

function guessOf(meant: readonly string[]): string {
  return meant.length === 0 ? '' : `Did you mean ${meant.join(' or ')}? `
}

/** Compared as far as it was written; none when nothing is near. */
function closestSpec(
  wanted: WrittenSpec,
  candidates: readonly { readonly spec: DatabaseSpec }[],
): readonly string[] {
  const textOf = ({ engine, host, port, database }: DatabaseSpec | WrittenSpec): string => {
    const type = wanted.engine === null ? '' : `${engine}=`
    return `${type}${host}${wanted.port === null ? '' : `:${port}`}/${database}`
  }
  const texts = candidates.map(({ spec }) => textOf(spec))
  const near = closestWord(textOf(wanted), texts)
  const meant = candidates.filter((_, at) => texts[at] === near)
  return meant.map(({ spec }) => identityOf(spec))
}

function listOf(candidates: readonly { readonly spec: DatabaseSpec }[]): string {
  return candidates.map(({ spec }) => identityOf(spec)).join(', ')
}
