import type { CheckedArchive } from '../archive/archive.ts'
import type { LoadOptions, LoadReport, LoadTarget } from './load.ts'

export async function loadStored(
  _archive: CheckedArchive,
  _target: LoadTarget,
  _options: LoadOptions,
): Promise<LoadReport> {
  throw new Error('not yet')
}
