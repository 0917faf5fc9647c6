import { type Encryption, encryptions } from './encryption.ts'
import { type Tier, tiers } from './tier.ts'

export const codecs = ['gzip', 'zstd', 'none'] as const
export type Codec = (typeof codecs)[number]

/** SQL as text, or one of pg_dump's own: one file, or a folder of files that is stored as a tar. */
export const formats = ['plain', 'custom', 'directory'] as const
export type Format = (typeof formats)[number]

/** What a file name's ending says about the bytes. */
export interface ArchiveKind {
  readonly format: Format
  /** Of the file as a whole; pg_dump's own formats compress what is inside. */
  readonly codec: Codec
  /** Around all of that; absent: none. */
  readonly encryption?: Encryption
}

const endings = [
  ['.sql.gz', { format: 'plain', codec: 'gzip' }],
  ['.sql.zst', { format: 'plain', codec: 'zstd' }],
  ['.sql', { format: 'plain', codec: 'none' }],
  ['.dump', { format: 'custom', codec: 'none' }],
  ['.dir.tar', { format: 'directory', codec: 'none' }],
] as const satisfies readonly (readonly [string, ArchiveKind])[]

/** What stands behind such an ending when the whole is encrypted; `age` as its own users write it. */
const encryptedEndings = { age: '.age', openssl: '.enc' } as const

/** Every kind that a backup can have. */
export const archiveKinds: readonly ArchiveKind[] = endings.flatMap(([, kind]) => [
  kind,
  ...encryptions.map((encryption) => ({ ...kind, encryption })),
])

/** How a dump in some format is stored when `codec`, and perhaps encryption, is asked for. */
export function archiveKindOf(
  format: Format,
  codec: Codec,
  encryption: Encryption | null = null,
): ArchiveKind {
  const kind = { format, codec: format === 'plain' ? codec : 'none' } as const
  return encryption === null ? kind : { ...kind, encryption }
}

const inProgressEnding = '.in_progress'
const stampLength = '_YYYY-MM-DD_HH-MM-SS'.length

/** The parts of `<tier>/<folder date>/<core>_<date>_<time>.sql.gz` (contract 4.1, 4.2). */
export interface BackupName extends ArchiveKind {
  /** null: directly under the root, as the `daily` strategy does. */
  readonly tier: Tier | null
  /** `YYYY-MM-DD`, the local date at the start of the cycle. */
  readonly folder: string
  readonly core: string
  /** Local time at which this database's turn began, to the second. */
  readonly stamp: LocalStamp
}

/** Local wall-clock time: `2026-11-20`, `01-00-00`. */
export interface LocalStamp {
  readonly date: string
  readonly time: string
}

/** The path of a backup relative to the store's root, with `/`. */
export function printBackupName(name: BackupName): string {
  const { tier, folder, core, stamp } = name
  const kind = archiveKindOf(name.format, name.codec)
  const [ending] = endings.find(([, known]) => isSameKind(known, kind)) ?? ['']
  const outer = name.encryption === undefined ? '' : encryptedEndings[name.encryption]
  const file = `${core}_${stamp.date}_${stamp.time}${ending}${outer}`
  return [...(tier === null ? [] : [tier]), folder, file].join('/')
}

/** The name of a path relative to the root, or null when it is not exactly a backup's path. */
export function parseBackupName(path: string): BackupName | null {
  const parts = path.split('/')
  const tier = tiers.find((known) => parts.length === 3 && known === parts[0]) ?? null
  const [folder = '', file = ''] = tier === null ? parts : parts.slice(1)
  const name = isDate(folder) ? parseFileName(file) : null
  return name === null || (tier === null && parts.length !== 2) ? null : { tier, folder, ...name }
}

/** Whether backups may lie in a folder of this name. */
export function isDatedFolder(name: string): boolean {
  return isDate(name)
}

function isSameKind(one: ArchiveKind, other: ArchiveKind): boolean {
  return one.format === other.format && one.codec === other.codec
}

function parseFileName(file: string): Omit<BackupName, 'tier' | 'folder'> | null {
  const encryption = encryptions.find((known) => file.endsWith(encryptedEndings[known]))
  const inner = encryption === undefined ? file : withoutEncryptedEnding(file)
  const ending = endings.find(([text]) => inner.endsWith(text))
  if (ending === undefined) return null
  const stem = inner.slice(0, -ending[0].length)
  const core = stem.slice(0, -stampLength)
  const stamp = parseStamp(stem.slice(-stampLength))
  if (core === '' || stamp === null) return null
  return { core, stamp, ...ending[1], ...(encryption === undefined ? {} : { encryption }) }
}

/** The name that a file has once it is decrypted. */
export function withoutEncryptedEnding(file: string): string {
  const ending = Object.values(encryptedEndings).find((known) => file.endsWith(known)) ?? ''
  return file.slice(0, file.length - ending.length)
}

/** Where the bytes of a backup go until they are whole. */
export function inProgressPathOf(path: string): string {
  return path + inProgressEnding
}

/** The backup path behind an in-progress path, or null when it is none. */
export function pathOfInProgress(path: string): string | null {
  if (!path.endsWith(inProgressEnding)) return null
  const finished = path.slice(0, -inProgressEnding.length)
  return parseBackupName(finished) === null ? null : finished
}

export function localStampOf(instant: Date): LocalStamp {
  return {
    date: `${String(instant.getFullYear()).padStart(4, '0')}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`,
    time: [instant.getHours(), instant.getMinutes(), instant.getSeconds()].map(two).join('-'),
  }
}

/**
 * The instant of a local time. Of an hour that exists twice it is the first, one that does not
 * exist moves forward: a name alone cannot say more (D-40), the manifest's UTC time can.
 */
export function instantOfStamp({ date, time }: LocalStamp): Date {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  const [hour = 0, minute = 0, second = 0] = time.split('-').map(Number)
  return new Date(year, month - 1, day, hour, minute, second)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function parseStamp(text: string): LocalStamp | null {
  const [empty, date = '', time = '', ...rest] = text.split('_')
  return empty === '' && rest.length === 0 && isDate(date) && isTime(time) ? { date, time } : null
}

function isDate(text: string): boolean {
  const [year, month, day] = fixedNumbers(text, [4, 2, 2])
  if (year === undefined || month === undefined || day === undefined) return false
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function isTime(text: string): boolean {
  const [hour, minute, second] = fixedNumbers(text, [2, 2, 2])
  if (hour === undefined || minute === undefined || second === undefined) return false
  return hour < 24 && minute < 60 && second < 60
}

/** The numbers of `12-34-56` when each has exactly its width in digits, else nothing. */
function fixedNumbers(text: string, widths: readonly number[]): number[] {
  const parts = text.split('-')
  const digits = /^[\d-]*$/u.test(text)
  const fits =
    parts.length === widths.length && parts.every((part, at) => part.length === widths[at])
  return digits && fits ? parts.map(Number) : []
}
