import type { CheckedArchive } from '../archive/archive.ts'
import { BigTables, bigTablesOf } from './big-tables.ts'
import { loadFailure } from './failure.ts'
import { Lane, LaneFailure } from './lane.ts'
import { Lanes } from './lanes.ts'
import type { LoadOptions, LoadReport, LoadTarget } from './load-types.ts'
import { Loader, type LoaderOptions } from './loader.ts'
import { type Guard, guardFor } from './restrict.ts'
import { DumpSplitter } from './split/dump-splitter.ts'

type Options = LoadOptions & { readonly onSpread: () => void }

/**
 * Several connections: the schema on the first, big tables beside each other or rows of each table
 * spread over all, then indexes and constraints beside each other. Memory is bounded by what waits
 * for each psql.
 */
export async function loadOnMany(
  archive: CheckedArchive,
  target: LoadTarget,
  options: Options,
): Promise<LoadReport> {
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const onFailure = (failure: unknown): void => failed.abort(failure)
  const guard = (): Guard | null => guardFor(archive, target.tools)
  const lane = (): Lane => new Lane(target, guard(), onFailure)
  const others = Array.from({ length: options.jobs - 1 }, lane)
  const lanes = new Lanes([lane(), ...others], signal)
  let bigTables: BigTables | null = null
  const startBigTables: LoaderOptions['startBigTables'] = (settings, mayHave, onBytes) => {
    const { jobs } = options
    const blocks = bigTablesOf(archive, { jobs, mayHave })
    if (blocks.length === 0) return null
    const setting = { archive, target, guard: guard(), jobs, signal, onBytes, onFailure }
    bigTables = BigTables.start(blocks, settings, setting)
    return bigTables
  }
  try {
    const loader = await feed(archive, lanes, { ...options, signal, startBigTables })
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
    await (bigTables as BigTables | null)?.ended()
    await Promise.all(lanes.all.map((each) => each.stop()))
  }
}

async function feed(
  archive: CheckedArchive,
  lanes: Lanes,
  { signal, onProgress, ...others }: Options & Pick<LoaderOptions, 'startBigTables'>,
): Promise<Loader> {
  const splitter = new DumpSplitter()
  const skipRows = (): void => splitter.skipRows()
  const onBytes = (bytes: number): void => onProgress?.(bytes, archive.sqlBytes)
  const loader = new Loader(lanes, { ...others, onBytes, skipRows })
  for await (const chunk of sqlFor(loader, archive, signal)) {
    for (const piece of splitter.push(chunk)) await loader.take(piece)
    signal.throwIfAborted()
    loader.read(chunk.length)
  }
  for (const piece of splitter.end()) await loader.take(piece)
  await loader.finish()
  return loader
}

/**
 * The dump, without the rows of big tables if the loader lets it be: then the archive needs not be
 * read for its sake. Whether it does shows before the first such row.
 */
async function* sqlFor(
  loader: Loader,
  archive: CheckedArchive,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { blocks, withoutBlocks } = archive
  const lacksRows = (): boolean => blocks.length > 0 && loader.needsRows
  let passed = 0
  for (const chunk of withoutBlocks ?? []) {
    yield chunk
    passed += chunk.length
    if (lacksRows()) break
  }
  if (withoutBlocks !== null && !lacksRows()) return
  for await (const chunk of archive.openSql(signal)) {
    const left = chunk.subarray(Math.min(passed, chunk.length))
    passed -= chunk.length - left.length
    if (left.length > 0) yield left
  }
}
