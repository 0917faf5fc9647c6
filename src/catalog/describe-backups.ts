import {
  type Appraisal,
  type Backup,
  type BackupName,
  instantOfStamp,
  type Manifest,
  parseBackupName,
  type Quality,
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
  appraisals: ReadonlyMap<string, Appraisal> = new Map(),
): Backup[] {
  return files.flatMap(({ path, bytes }) => {
    const name = parseBackupName(path)
    if (name === null) return []
    const manifest = manifests.get(path) ?? null
    const takenAt = manifest === null ? instantOfStamp(name.stamp) : new Date(manifest.startedAt)
    const appraisal = manifest === null ? appraisalOf(appraisals.get(path), bytes) : null
    const problem =
      manifest === null
        ? (emptiness(name, bytes) ?? foundBad(appraisal))
        : contradiction(manifest, bytes)
    const quality = qualityOf({ manifest, appraisal, problem })
    return [{ path, name, takenAt, bytes, manifest, appraisal, problem, quality }]
  })
}

/** One of a file that has been replaced since says nothing about the new one. */
function appraisalOf(appraisal: Appraisal | undefined, bytes: number): Appraisal | null {
  return appraisal?.bytes === bytes ? appraisal : null
}

function qualityOf({
  manifest,
  appraisal,
  problem,
}: Pick<Backup, 'manifest' | 'problem'> & { readonly appraisal: Appraisal | null }): Quality {
  if (problem !== null) return 'bad'
  return manifest !== null || appraisal?.check?.ok === true ? 'good' : 'unchecked'
}

function contradiction(manifest: Manifest, bytes: number): string | null {
  const { bytes: sealed } = manifest
  if (sealed !== bytes) return `it has ${bytes} bytes, but ${sealed} were sealed`
  return foundBad(manifest)
}

/** What the last check or verification found; trouble of the verifier says nothing. */
function foundBad(known: Pick<Appraisal, 'check' | 'verifications'> | null): string | null {
  if (known?.check?.ok === false) {
    return `it failed its last check: ${withoutStop(known.check.problem)}`
  }
  const last = known?.verifications.findLast(({ verdict }) => verdict !== 'could-not-verify')
  if (last?.verdict !== 'failed') return null
  return `it failed its last verification: ${withoutStop(last.differences[0])}`
}

/** It becomes the end of other people's sentences. */
function withoutStop(reason: string | null | undefined): string {
  return (reason ?? 'no reason was given').replace(/\.$/u, '')
}

function emptiness({ codec }: BackupName, bytes: number): string | null {
  const isEmpty = bytes <= (codec === 'gzip' ? emptyGzipBytes : 0)
  return isEmpty ? 'it is an empty archive, a failed dump of another tool' : null
}
