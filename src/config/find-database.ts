import { type ConfiguredDatabase, type DatabaseSpec, identityOf } from '../model/index.ts'
import { mistake } from './problems.ts'
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
  return pickMeant(readSpec(specText), databases)
}

/** The only candidate that `wanted` means. @throws Refusal, exit status 2. */
export function pickMeant<Candidate extends { readonly spec: DatabaseSpec }>(
  wanted: WrittenSpec,
  candidates: readonly Candidate[],
): Candidate {
  const meant = candidates.filter(({ spec }) => means(wanted, spec))
  const [only] = meant
  if (only === undefined) {
    const list = candidates.length === 0 ? 'There are none.' : `There are: ${listOf(candidates)}.`
    throw mistake(`${wanted.written} is none of the configured databases.`, list)
  }
  if (meant.length === 1) return only
  throw mistake(
    `${wanted.written} may be more than one of the configured databases.`,
    `Write one of ${listOf(meant)}.`,
  )
}

function listOf(candidates: readonly { readonly spec: DatabaseSpec }[]): string {
  return candidates.map(({ spec }) => identityOf(spec)).join(', ')
}
