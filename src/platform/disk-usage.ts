import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** One file or folder, as `du -a` counts it. */
export interface DiskEntry {
  readonly path: string
  /** Allocated bytes; of a folder with all below it. */
  readonly bytes: number
  readonly modifiedAt: Date
}

const blockBytes = 512

/**
 * Every file and folder below `root`, each folder after what it holds and the root last, sorted by
 * name. What vanishes meanwhile is left out. Synchronous calls, because for ten thousand files
 * they take a fifth of the time.
 */
export function diskUsage(root: string, { except }: { readonly except: string }): DiskEntry[] {
  const entries: DiskEntry[] = []
  walk(root, except, entries)
  return entries
}

function walk(path: string, except: string, entries: DiskEntry[]): number {
  const stats = path === except ? null : unlessGone(() => lstatSync(path))
  if (stats === null) return 0
  let bytes = stats.blocks * blockBytes
  for (const name of stats.isDirectory()
    ? (unlessGone(() => readdirSync(path)) ?? []).toSorted()
    : []) {
    bytes += walk(join(path, name), except, entries)
  }
  entries.push({ path, bytes, modifiedAt: stats.mtime })
  return bytes
}

function unlessGone<Result>(look: () => Result): Result | null {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') return null
    throw error
  }
}
