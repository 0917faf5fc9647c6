import type { ObjectsOfKind } from '../../../model/index.ts'
import { type PsqlSession, StatementFailure } from '../session.ts'
import { listObjects } from './list.ts'

/** Manifests are read for every listing, so they do not grow with the database. */
const mostNames = 2_000

interface Recorded {
  readonly objects: readonly ObjectsOfKind[] | null
  readonly problem: string | null
}

/**
 * What the dump must hold beside rows, in its snapshot, which survives a failure. A dump is not
 * worse for a list that could not be had, so that is said in `problem`.
 * @throws {SessionEnded}
 */
export async function objectsForManifest(session: PsqlSession, major: number): Promise<Recorded> {
  await session.query('SAVEPOINT listing')
  const recorded = await record(session, major)
  await session.query('ROLLBACK TO SAVEPOINT listing')
  return recorded
}

async function record(session: PsqlSession, major: number): Promise<Recorded> {
  try {
    return { objects: withFewNames(await listObjects(session, major)), problem: null }
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    return { objects: null, problem: `objects could not be listed: ${error.message}` }
  }
}

/** As a manifest records them: names of the rarer kinds first, as long as there is room. */
function withFewNames(objects: readonly ObjectsOfKind[]): readonly ObjectsOfKind[] {
  let room = mostNames
  const named = new Set<string>()
  for (const { kind, count } of objects.toSorted((a, b) => a.count - b.count)) {
    room -= count
    if (room >= 0) named.add(kind)
  }
  return objects.map((one) => (named.has(one.kind) ? one : { ...one, names: null }))
}
