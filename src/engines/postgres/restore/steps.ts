import { type LoadReport, loadArchive } from '../load/load.ts'
import { carryOver } from './carry-over.ts'
import { type Character, createDatabase } from './create-database.ts'
import { letUserWork } from './let-user-work.ts'
import { lostRows } from './lost-rows.ts'
import type { Preparation } from './order.ts'

export type OnProgress = (bytes: number, total: number | null) => void

/** A restore that goes on, and what it has to tell at its end. */
export interface Run {
  readonly preparation: Preparation
  readonly onProgress: OnProgress
  readonly warnings: string[]
  /** Tables that lack rows, and what is not known about that, both in words. */
  readonly missing: string[]
  readonly doubts: string[]
  readonly phases: { name: string; ms: number }[]
  /** To be dropped again when it fails. */
  readonly createdRoles: string[]
}

export async function timed<Result>(
  { phases }: Run,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const began = performance.now()
  const result = await work()
  phases.push({ name, ms: Math.round(performance.now() - began) })
  return result
}

/** An empty database with the owner, encoding and locale that belong to the backup. */
export async function createNew({ preparation, warnings }: Run, database: string): Promise<void> {
  const { session, server } = preparation
  const character = characterOf(preparation)
  const warning = await createDatabase(session, database, { character, major: server.major })
  if (warning !== null) warnings.push(warning)
}

function characterOf({ server, missingRoles, archive, facts, owner }: Preparation): Character {
  const { encoding, collate, ctype, provider, locale } = facts ?? nothingKnown
  return {
    owner: server.mayCreateRoles || !missingRoles.includes(owner ?? '') ? owner : null,
    encoding: encoding ?? archive.encoding,
    collate,
    ctype,
    provider,
    locale,
    tablespace: server.existing?.tablespace ?? null,
  }
}

const nothingKnown = {
  encoding: null,
  collate: null,
  ctype: null,
  provider: undefined,
  locale: undefined,
}

/** @param recreate makes the database empty again, for a second try on one connection. */
export async function load(
  { preparation, onProgress, warnings, missing, doubts }: Run,
  database: string,
  recreate?: () => Promise<void>,
): Promise<LoadReport> {
  const { archive, access, order } = preparation
  const { environment, tools, context } = access
  const { ignoreErrors, jobs, scratchFolder } = order
  const target = { database, environment, tools }
  const report = await loadArchive(archive, target, {
    signal: context.signal,
    ignoreErrors,
    jobs,
    onProgress,
    scratchFolder,
    ...(recreate === undefined ? {} : { recreate }),
  })
  const lost = await lostRows(preparation, database, report)
  missing.push(...lost.missing)
  if (lost.doubt !== null) doubts.push(lost.doubt)
  warnings.push(...missing, ...doubts)
  return report
}

/** What is in no dump: grants, settings, and the rights of the configured user. */
export async function finish({ preparation, warnings }: Run, database: string): Promise<void> {
  const { session, facts, server } = preparation
  if (facts !== null) warnings.push(...(await carryOver(session, database, facts)))
  const limit = server.existing?.connectionLimit ?? -1
  await session.compose(`ALTER DATABASE %I CONNECTION LIMIT ${limit}`, database)
  warnings.push(...(await letUserWork(preparation, database)))
}
