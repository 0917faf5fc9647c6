import { toldByTags } from './names.ts'
import type { Restic } from './tool.ts'

/** A snapshot of ours: one file of the store, or the remains of one. */
export interface Snapshot {
  readonly id: string
  /** In the store. */
  readonly path: string
  /** In the snapshot. */
  readonly inSnapshot: string
  readonly putAt: Date
  /** null: it never became whole, and is no file of the store. */
  readonly bytes: number | null
}

export type WholeSnapshot = Snapshot & { readonly bytes: number }

export interface Search {
  /** Only those that have it. */
  readonly tag?: string
  readonly signal?: AbortSignal | undefined
  /** Waits until nobody changes the repository. Default: false. */
  readonly whenUnlocked?: boolean
}

/**
 * All snapshots of this host that carry our tags, also remains. By default it takes no lock, so that
 * one can list and restore whatever the lock is about, even from a place that is read-only.
 */
export async function findSnapshots(
  restic: Restic,
  { tag, signal, whenUnlocked = false }: Search,
): Promise<readonly Snapshot[]> {
  const filter = tag === undefined ? [] : ['--tag', tag]
  const args = ['snapshots', '--json', '--host', restic.options.host, ...filter]
  const output = whenUnlocked
    ? await restic.runWhenUnlocked(args, { signal })
    : await restic.run([...args, '--no-lock'], { signal })
  const found: unknown = JSON.parse(output || 'null')
  return Array.isArray(found) ? found.flatMap((one: unknown) => snapshotOf(one) ?? []) : []
}

/** Of each path the newest that is whole; that of an interrupted replacement is not. */
export function newestWhole(snapshots: readonly Snapshot[]): readonly WholeSnapshot[] {
  const byPath = new Map<string, WholeSnapshot>()
  for (const snapshot of snapshots) {
    const known = byPath.get(snapshot.path)
    if (!isWhole(snapshot) || (known !== undefined && known.putAt > snapshot.putAt)) continue
    byPath.set(snapshot.path, snapshot)
  }
  return [...byPath.values()]
}

function isWhole(snapshot: Snapshot): snapshot is WholeSnapshot {
  return snapshot.bytes !== null
}

/** Tolerant of what newer versions add. */
function snapshotOf(value: unknown): Snapshot | null {
  const { id, tags, paths } = (value ?? {}) as Readonly<Record<string, unknown>>
  const told = toldByTags(stringsIn(tags))
  const [inSnapshot] = stringsIn(paths)
  if (typeof id !== 'string' || told === null || inSnapshot === undefined) return null
  return { id, inSnapshot, ...told }
}

function stringsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The objects of an output of one JSON document a line. */
export function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}
