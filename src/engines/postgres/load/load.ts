import type { CheckedArchive } from '../archive/archive.ts'
import { loadOnMany } from './load-on-many.ts'
import { loadOnOne } from './load-on-one.ts'
import { loadStored } from './load-stored.ts'
import type { LoadOptions, LoadReport, LoadTarget } from './load-types.ts'

export type { LoadOptions, LoadReport, LoadTarget } from './load-types.ts'

/**
 * Loads a checked archive into an existing, empty database.
 * @throws {Refusal} on the first SQL error unless they are to be ignored.
 */
export async function loadArchive(
  archive: CheckedArchive,
  target: LoadTarget,
  options: LoadOptions,
): Promise<LoadReport> {
  if (archive.format !== 'plain') return await loadStored(archive, target, options)
  // An error in one row fails the whole table, as it should, on one connection only.
  if (options.jobs <= 1 || options.ignoreErrors) return await loadOnOne(archive, target, options)
  const { recreate } = options
  let isSpread = false
  const onSpread = (): void => {
    isSpread = true
  }
  try {
    return await loadOnMany(archive, target, { ...options, onSpread })
  } catch (error) {
    // Until then everything ran in order on one connection, so it would fail there, too.
    if (recreate === undefined || options.signal.aborted || !isSpread) throw error
    await recreate()
    return await loadOnOne(archive, target, options)
  }
}
