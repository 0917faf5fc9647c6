import type { Backup, ConfiguredDatabase } from '../model/index.ts'
import { type DiskSpace, diskSpaceOf, isCode } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'
import { keptInTheEnd } from './kept-in-the-end.ts'
import type { DatabaseStatus } from './status.ts'

/** How large a volume must be, and how large it is; all in bytes. */
export interface VolumeSizing {
  readonly folder: string
  /** Of the whole volume, for us alone; null: no backup says how much. */
  readonly needed: number | null
  /** null: the folder is not there. */
  readonly total: number | null
  readonly free: number | null
  /** null: not known. */
  readonly enough: boolean | null
}

export interface Sizing {
  /** For as many backups as retention keeps in the end, of the size of the newest. */
  readonly backups: VolumeSizing
  /** For the largest database, restored. */
  readonly verification: VolumeSizing
  /** Databases without a good backup, of which nothing is known. */
  readonly unknown: readonly ConfiguredDatabase[]
}

/** Databases grow until somebody looks at this again. */
const growth = 1.2
/** A new cluster, its log files and room for sorting, beside the database itself. */
const serverBytes = 512 * 1024 * 1024
/** Log files of the scratch server may take an eighth of the free space (scratch/settings.ts). */
const logShare = 8 / 7

/** An estimate from the newest good backup of each database; reads no backup. */
export async function readSizing(
  appliance: Appliance,
  statuses: readonly DatabaseStatus[],
): Promise<Sizing> {
  const { verificationDir } = appliance.configuration.settings
  const known = statuses.flatMap(({ lastGood, ...status }) =>
    lastGood === null ? [] : [{ ...status, lastGood }],
  )
  const own = sum(statuses.flatMap(({ backups }) => backups).map(({ bytes }) => bytes))
  return {
    backups: await sizingOf(appliance.volume, {
      needed: known.length === 0 ? null : backupBytes(appliance, known),
      own,
    }),
    verification: await sizingOf(
      { root: verificationDir, isLocal: true },
      { needed: verificationBytes(known), own: 0 },
    ),
    unknown: statuses.flatMap(({ database, lastGood }) => (lastGood === null ? [database] : [])),
  }
}

interface Known {
  readonly database: ConfiguredDatabase
  readonly lastGood: Backup
}

/** What is kept, and beside it what is made: pruning comes after. */
function backupBytes(appliance: Appliance, known: readonly Known[]): number {
  const { settings } = appliance.configuration
  const keptOf = keptInTheEnd(appliance)
  const kept = known.map(({ database, lastGood }) => keptOf(database) * lastGood.bytes)
  const made = known.map(({ lastGood }) => lastGood.bytes * copiesWhileMade(lastGood))
  const largest = made.toSorted((left, right) => right - left).slice(0, settings.parallelBackups)
  return Math.ceil(sum([...kept, ...largest]) * growth)
}

/** A directory dump is stored as one file, after its folder is whole. */
function copiesWhileMade({ name }: Backup): number {
  return name.format === 'directory' ? 2 : 1
}

function verificationBytes(known: readonly Known[]): number | null {
  const sizes = known.flatMap(({ lastGood }) => {
    const { databaseBytes = null } = lastGood.manifest ?? {}
    // An archive that must be opened or unpacked lies beside the database.
    return databaseBytes === null ? [] : [databaseBytes * growth + lastGood.bytes]
  })
  if (sizes.length === 0) return null
  return Math.ceil((Math.max(...sizes) + serverBytes) * logShare)
}

/** A bucket has no size, and so is always large enough as far as anybody knows. */
async function sizingOf(
  { root: folder, isLocal }: Pick<Appliance['volume'], 'root' | 'isLocal'>,
  { needed, own }: { readonly needed: number | null; readonly own: number },
): Promise<VolumeSizing> {
  const space = isLocal ? await spaceIn(folder) : null
  const { total = null, free = null } = space ?? {}
  const enough = needed === null || free === null ? null : needed <= free + own
  return { folder, needed, total, free, enough }
}

async function spaceIn(folder: string): Promise<DiskSpace | null> {
  try {
    return await diskSpaceOf(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return null
    throw error
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
