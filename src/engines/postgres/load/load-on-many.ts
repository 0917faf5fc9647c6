import type { CheckedArchive } from '../archive/archive.ts'
import { loadFailure } from './failure.ts'
import { Following } from './following.ts'
import { Lane, LaneFailure } from './lane.ts'
import { Lanes } from './lanes.ts'
import type { LoadOptions, LoadReport, LoadTarget } from './load-types.ts'
import { Loader } from './loader.ts'
import { guardFor } from './restrict.ts'
import { DumpSplitter } from './split/dump-splitter.ts'

type Options = LoadOptions & { readonly onSpread: () => void }

/**
 * Several connections: the schema on the first, rows of each table spread over all, then indexes
 * and constraints beside each other. Memory is bounded by what waits for each psql.
 */
export async function loadOnMany(
  archive: CheckedArchive,
  target: LoadTarget,
  options: Options,
): Promise<LoadReport> {
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const lane = (): Lane =>
    new Lane(target, guardFor(archive, target.tools), (failure) => failed.abort(failure))
  const others = Array.from({ length: options.jobs - 1 }, lane)
  const lanes = new Lanes([lane(), ...others], signal)
  const [second, ...more] = others
  // More readings of the archive would cost more than the WAL that they save.
  const isPair = second !== undefined && more.length === 0
  const following = isPair ? new Following(archive, second, signal) : null
  try {
    const loader = await feed(archive, { lanes, following }, { ...options, signal })
    await Promise.all(lanes.all.map((each) => each.close()))
    signal.throwIfAborted()
    return { errors: [], phases: loader.phases.all(), ...loader.tally.report() }
  } catch (error) {
    options.signal.throwIfAborted()
    // Whatever else fails then, fails because of it.
    const cause: unknown = failed.signal.aborted ? failed.signal.reason : error
    throw cause instanceof LaneFailure ? loadFailure(cause.errors, cause.said) : cause
  } finally {
    failed.abort()
    await following?.close()
    await Promise.all(lanes.all.map((each) => each.stop()))
  }
}

interface Hands {
  readonly lanes: Lanes
  readonly following: Following | null
}

async function feed(
  archive: CheckedArchive,
  { lanes, following }: Hands,
  { signal, onProgress, onSpread }: Options,
): Promise<Loader> {
  const splitter = new DumpSplitter()
  const skipRows = (): void => splitter.skipRows()
  const loader = new Loader(lanes, { following, onSpread, skipRows })
  let bytes = 0
  for await (const chunk of archive.openSql(signal)) {
    for (const piece of splitter.push(chunk)) await loader.take(piece)
    signal.throwIfAborted()
    bytes += chunk.length
    onProgress?.(bytes, archive.sqlBytes)
  }
  for (const piece of splitter.end()) await loader.take(piece)
  await loader.finish()
  return loader
}
