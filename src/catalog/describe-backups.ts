import {
  type Backup,
  type BackupName,
  instantOfStamp,
  type Manifest,
  parseBackupName,
  type StoredFile,
} from '../model/index.ts'

/** What gzip makes of nothing; the smallest archive with anything in it is larger. */
const emptyGzipBytes = 20

/**
 * The finished backups among the files of a store. Those without a manifest, from other tools or
 * from before a catalog was lost, are described by name and size alone. Other files are left out.
 */
export function describeBackups(
  files: readonly StoredFile[],
  manifests: ReadonlyMap<string, Manifest>,
): Backup[] {
  return files.flatMap(({ path, bytes }) => {
    const name = parseBackupName(path)
    if (name === null) return []
    const manifest = manifests.get(path) ?? null
    const takenAt = manifest === null ? instantOfStamp(name.stamp) : new Date(manifest.startedAt)
    const problem = manifest === null ? emptiness(name, bytes) : contradiction(manifest, bytes)
    return [
      { path, name, takenAt, bytes, manifest, problem, quality: qualityOf(manifest, problem) },
    ]
  })
}

function qualityOf(manifest: Manifest | null, problem: string | null): Backup['quality'] {
  if (problem !== null) return 'bad'
  return manifest === null ? 'unchecked' : 'good'
}

function contradiction({ bytes: sealed, check }: Manifest, bytes: number): string | null {
  if (sealed !== bytes) return `it has ${bytes} bytes, but ${sealed} were sealed`
  if (check === null || check.ok) return null
  return `it failed its last check: ${check.problem ?? 'no reason was given'}`
}

function emptiness({ codec }: BackupName, bytes: number): string | null {
  const isEmpty = bytes <= (codec === 'gzip' ? emptyGzipBytes : 0)
  return isEmpty ? 'it is an empty archive, a failed dump of another tool' : null
}
