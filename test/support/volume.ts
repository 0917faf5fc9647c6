import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  type Codec,
  localStampOf,
  type Manifest,
  printBackupName,
  type Tier,
} from '../../src/model/index.ts'
import { newRunFolder } from './run-folder.ts'

/** A folder that is gone at the end of the block that holds it with `await using`. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** An absolute path inside. */
  join(...parts: readonly string[]): string
}

export function temporaryFolder(): TemporaryFolder {
  const path = newRunFolder('volume')
  return {
    path,
    join: (...parts) => join(path, ...parts),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** All files under a folder, relative to it, in order; `.catalog` included unless told otherwise. */
export async function listFiles(root: string, { catalog = true } = {}): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => catalog || !path.startsWith('.catalog/'))
    .toSorted()
}

/** The backups of a volume: every file that is neither ours to keep records in nor unfinished. */
export async function listBackups(root: string): Promise<string[]> {
  const files = await listFiles(root, { catalog: false })
  return files.filter((path) => !path.endsWith('.in_progress'))
}

export interface FakeBackup {
  readonly core: string
  readonly at: Date
  /** Default: null, the flat layout of the `daily` strategy. */
  readonly tier?: Tier | null
  readonly codec?: Codec
  /** What the dump says; default: a line of SQL. Ignored when `bytes` is given. */
  readonly sql?: string
  /** So many random bytes instead of a real archive. */
  readonly bytes?: number
  /** Exactly this, whatever it is. */
  readonly content?: Buffer
  /** Default: `at`. */
  readonly modifiedAt?: Date
  /** Also writes a manifest, with these fields instead of made-up ones. Default: none. */
  readonly manifest?: Partial<Manifest>
}

/** Puts a file on a volume that is named as a backup, and returns its relative path. */
export async function fakeBackup(root: string, backup: FakeBackup): Promise<string> {
  const { core, at, tier = null, codec = 'gzip', modifiedAt = at } = backup
  const stamp = localStampOf(at)
  const path = printBackupName({ tier, folder: stamp.date, core, stamp, format: 'plain', codec })
  const file = join(root, path)
  const content = contentOf(backup)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
  await utimes(file, modifiedAt, modifiedAt)
  if (backup.manifest !== undefined) {
    await writeManifest(root, { ...fakeManifest(path, at, content), ...backup.manifest })
  }
  return path
}

function contentOf({ content, bytes, sql = 'SELECT 1;\n', codec = 'gzip' }: FakeBackup): Buffer {
  if (content !== undefined) return content
  if (bytes !== undefined) return randomBytes(bytes)
  if (codec === 'zstd') throw new Error('Give a zstd backup its bytes.')
  return codec === 'gzip' ? gzipSync(sql) : Buffer.from(sql)
}

/** The manifest of a plain backup of `postgres=localhost:5432/app`, with nothing remarkable in it. */
export function fakeManifest(path: string, at: Date, content: Buffer): Manifest {
  return {
    version: 1,
    path,
    spec: 'postgres=localhost:5432/app',
    engine: 'postgres',
    format: 'plain',
    codec: 'gzip',
    startedAt: at.toISOString(),
    finishedAt: new Date(at.getTime() + 1_000).toISOString(),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    databaseBytes: content.length * 8,
    serverVersion: '15.18',
    toolVersion: '15.18',
    trigger: 'schedule',
    fingerprint: { mode: 'off', tables: null, problem: null },
    roles: [],
    rolesIncluded: true,
    extensions: [],
    database: {
      name: 'app',
      owner: 'postgres',
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      acl: null,
      settings: [],
    },
    warnings: [],
    copies: [],
    verifications: [],
    check: null,
  }
}

/** Where the catalog keeps what it knows of a backup: `.catalog/manifests/<hash>.json`. */
export function manifestPathOf(path: string): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32)
  return join('.catalog', 'manifests', `${hash}.json`)
}

async function writeManifest(root: string, manifest: Manifest): Promise<void> {
  const file = join(root, manifestPathOf(manifest.path))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(manifest)}\n`)
}

export async function readManifest(root: string, path: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, manifestPathOf(path)), 'utf8')) as Manifest
}
