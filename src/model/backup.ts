import type { BackupName } from './backup-name.ts'
import type { Appraisal, Copy, Manifest, Verification } from './manifest.ts'

/** Room on the volume for a dump. Its bytes go under a partial name that no listing shows. */
export interface OpenBackup {
  readonly state: 'open'
  /** Relative to the root, the name it will have when it is sealed. */
  readonly path: string
  readonly partialPath: string
}

/** All bytes are on the volume, but nobody has said yet that they were all there are. */
export interface WrittenBackup {
  readonly state: 'written'
  readonly path: string
  readonly partialPath: string
  readonly bytes: number
  readonly sha256: string
}

/** Whole, durable, described by a manifest, and under its own name. Only these count. */
export interface SealedBackup {
  readonly state: 'sealed'
  readonly path: string
  readonly manifest: Manifest
}

/**
 * How far a backup can be believed: `good` was sealed by us (and its size still agrees) or passed
 * a check; `unchecked` was adopted without a manifest; `bad` is visibly none: empty, or not the
 * bytes that were sealed, or it failed its last check or verification.
 */
export type Quality = 'good' | 'unchecked' | 'bad'

/** A finished backup file that a store holds, with what the catalog knows of it. */
export interface Backup {
  /** Relative to the store's root. */
  readonly path: string
  readonly name: BackupName
  /** From the manifest, or the name's local time without one; never the file's mtime (D-14). */
  readonly takenAt: Date
  readonly bytes: number
  readonly manifest: Manifest | null
  /** Of a backup without a manifest that was checked, verified or copied. */
  readonly appraisal?: Appraisal | null
  readonly quality: Quality
  /** Why the quality is `bad`, in words; null otherwise. */
  readonly problem: string | null
}

/** Whether a restore of this backup has been compared with its manifest and found equal. */
export function isVerified(backup: Backup): boolean {
  const last = lastVerification(backup)
  if (backup.quality === 'bad' || last === undefined) return false
  return last.verdict === 'verified' || last.verdict === 'verified-with-exceptions'
}

/** When a user pinned it (`--pin`), ISO 8601 in UTC; null: it is not pinned. */
export function pinnedAt({ manifest, appraisal }: Backup): string | null {
  return (manifest ?? appraisal)?.pinnedAt ?? null
}

/** The copies of a backup that are on record, also those that were found missing since. */
export function copiesOnRecord({
  manifest,
  appraisal,
}: Pick<Backup, 'manifest' | 'appraisal'>): readonly Copy[] {
  return (manifest ?? appraisal)?.copies ?? []
}

/** The copy in a mirror, unless it was found missing or rotten. */
export function copyIn(
  backup: Pick<Backup, 'manifest' | 'appraisal'>,
  store: string,
): Copy | undefined {
  return copiesOnRecord(backup).find((copy) => copy.store === store && copy.lostAt === undefined)
}

/** What the bytes of a backup had as their sum when they were sealed, or first copied. */
export function sumOnRecord({
  manifest,
  appraisal,
}: Pick<Backup, 'manifest' | 'appraisal'>): string | undefined {
  return (manifest ?? appraisal)?.sha256
}

/**
 * The newest word on a backup; undefined when nobody has tried. Trouble of the verifier takes no
 * proof back: it is only what there is to say when nothing else is known.
 */
export function lastVerification({ manifest, appraisal }: Backup): Verification | undefined {
  const all = (manifest ?? appraisal)?.verifications ?? []
  return all.findLast(({ verdict }) => verdict !== 'could-not-verify') ?? all.at(-1)
}
