import { accountOf } from '../model/index.ts'
import type { CycleReport, CycleResult } from '../operations/index.ts'
import { mirrorDocument } from './mirror-lines.ts'

/** The document of `-1 --json` and `-s --json`. */
export function cycleDocument({ results, mirrors }: CycleReport): unknown {
  return { results: results.map(resultDocument), mirrors: mirrors.map(mirrorDocument) }
}

function resultDocument(result: CycleResult): unknown {
  const { database, elapsedMs } = result
  const common = { spec: database.spec.written, ok: result.ok, durationMs: Math.round(elapsedMs) }
  if (!result.ok)
    return { ...common, path: null, bytes: null, removed: [], error: accountOf(result.error) }
  const { manifest, removed, pruneError } = result
  const error = pruneError === null ? null : accountOf(pruneError)
  return { ...common, path: manifest.path, bytes: manifest.bytes, removed, error }
}
