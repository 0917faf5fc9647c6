import {
  type Backup,
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
  /** Default: a manifest only for a good or a verified backup. */
  readonly manifest?: Manifest | null
}

/** A backup as the catalog describes it, without a file behind it. Its time is cut to seconds. */
export function sampleBackup(sample: SampleBackup): Backup {
  const { at, core = 'app', tier = null, quality = 'good' } = sample
  const stamp = localStampOf(at)
  const name = { tier, folder: stamp.date, core, stamp, format: 'plain', codec: 'gzip' } as const
  const path = printBackupName(name)
  const manifest = sample.manifest === undefined ? manifestOf(path, sample) : sample.manifest
  return {
    path,
    name,
    takenAt: instantOfStamp(stamp),
    bytes: 10,
    manifest,
    quality,
    problem: quality === 'bad' ? 'cut' : null,
  }
}

function manifestOf(path: string, { at, quality, verdict }: SampleBackup): Manifest | null {
  if (quality === 'unchecked' && verdict === undefined) return null
  const verifications =
    verdict === undefined ? [] : [{ verdict, at: at.toISOString(), differences: [] }]
  return { ...fakeManifest(path, at, Buffer.alloc(10)), verifications }
}
