import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { isCode } from '../../platform/index.ts'

/**
 * Those of these files (absolute paths) that some process on this machine has open, as far as we
 * may look. Files are compared by their identity: another container may see other paths.
 */
export function openFilesAmong(paths: readonly string[]): ReadonlySet<string> {
  const names = new Set(paths.map((path) => basename(path)))
  const held = new Set<string>()
  for (const descriptor of paths.length === 0 ? [] : descriptors()) {
    const target = unlessHidden(() => readlinkSync(descriptor))
    if (target === null || !names.has(basename(target))) continue
    const stats = unlessHidden(() => statSync(descriptor))
    if (stats !== null) held.add(identity(stats))
  }
  return new Set(
    paths.filter((path) => {
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats !== undefined && held.has(identity(stats))
    }),
  )
}

/** All open descriptors of all processes: `/proc/<pid>/fd/<number>`. */
function descriptors(): string[] {
  const processes = unlessHidden(() => readdirSync('/proc')) ?? []
  return processes
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      const folder = `/proc/${pid}/fd`
      return (unlessHidden(() => readdirSync(folder)) ?? []).map((fd) => `${folder}/${fd}`)
    })
}

/** Processes end while we look, and those of others are not ours to look at. */
function unlessHidden<Found>(look: () => Found): Found | null {
  try {
    return look()
  } catch (error) {
    if (isCode(error, 'ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR')) return null
    throw error
  }
}

function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}
