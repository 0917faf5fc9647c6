import {
  type Backup,
  type Codec,
  instantOfStamp,
  localStampOf,
  type Manifest,
  printBackupName,
  type Quality,
  type Tier,
  type Verdict,
} from '../../src/model/index.ts'
import { fakeManifest } from './volume.ts'

export interface SampleBackup {
  readonly at: Date
  /** Default: `app`. */
  readonly core?: string
  /** Default: null, the flat layout. */
  readonly tier?: Tier | null
  /** Default: `good`. */
  readonly quality?: Quality
  /** Default: never verified. */
  readonly verdict?: Verdict
  /** Default: `gzip`. */
  readonly codec?: Codec
  /** Default: 10. */
  readonly bytes?: number
  /** Default: not pinned. Needs a manifest. */
  readonly pinnedAt?: string
  /** Default: not counted. Needs a manifest. */
  readonly rows?: number
  /** Default: a manifest only for a good or a verified backup. */
  readonly manifest?: Manifest | null
}

/** A backup as the catalog describes it, without a file behind it. Its time is cut to seconds. */
export function sampleBackup(sample: SampleBackup): Backup {
  const { at, core = 'app', tier = null, quality = 'good', codec = 'gzip' } = sample
  const stamp = localStampOf(at)
  const name = { tier, folder: stamp.date, core, stamp, format: 'plain', codec } as const
  const path = printBackupName(name)
  const manifest = sample.manifest === undefined ? manifestOf(path, sample) : sample.manifest
  return {
    path,
    name,
    takenAt: instantOfStamp(stamp),
    bytes: sample.bytes ?? 10,
    manifest,
    quality,
    problem: quality === 'bad' ? 'cut' : null,
  }
}

function manifestOf(path: string, sample: SampleBackup): Manifest | null {
  const { at, quality, verdict, rows, pinnedAt } = sample
  if (quality === 'unchecked' && verdict === undefined) return null
  const verifications =
    verdict === undefined ? [] : [{ verdict, at: at.toISOString(), differences: [] }]
  const tables = rows === undefined ? null : [{ schema: 'public', table: 't', rows }]
  const fingerprint = { mode: 'rows', tables, problem: null } as const
  return { ...fakeManifest(path, at, Buffer.alloc(10)), verifications, fingerprint, pinnedAt }
}
