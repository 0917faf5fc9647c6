import { execFile } from 'node:child_process'
import { createCipheriv, createHash, randomBytes, scryptSync } from 'node:crypto'
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openResticStore, type ResticOptions, type ResticStore } from '../../src/stores/index.ts'
import { newRunFolder } from './run-folder.ts'

const execute = promisify(execFile)

const resticPassword = 'a test password'

/** A restic repository in a temporary folder. */
export interface TestRepository extends AsyncDisposable {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
  open(options?: Partial<ResticOptions>): ResticStore
  /** Runs restic on it, as a user would. */
  restic(...args: readonly string[]): Promise<string>
  /** Its snapshots, whoever made them. */
  snapshots(): Promise<readonly RawSnapshot[]>
  /** Writes snapshot files as restic does, without its cost; for thousands of them. */
  writeSnapshots(snapshots: readonly Readonly<Record<string, unknown>>[]): Promise<void>
}

export interface RawSnapshot {
  readonly id: string
  readonly time: string
  readonly tree: string
  readonly hostname: string
  readonly paths: readonly string[]
  readonly tags?: readonly string[]
}

/** A folder where no repository is yet. */
export function noRepository(): TestRepository {
  return repositoryIn(newRunFolder('restic'))
}

/**
 * A repository with nothing in it. Its key is derived with the least effort: restic's own choice
 * costs half a second of a core for every command.
 */
export async function emptyRepository(
  folder: string = newRunFolder('restic'),
): Promise<TestRepository> {
  template ??= makeTemplate()
  await cp(await template, join(folder, 'repository'), { recursive: true })
  return repositoryIn(folder)
}

let template: Promise<string> | null = null

async function makeTemplate(): Promise<string> {
  const made = repositoryIn(newRunFolder('restic-template'))
  await made.restic('init')
  const folder = join(made.path, 'keys')
  const [name = ''] = await readdir(folder)
  await writeCheapKey(folder, await made.restic('cat', 'masterkey'))
  await rm(join(folder, name), { force: true })
  return made.path
}

function repositoryIn(folder: string): TestRepository {
  const path = join(folder, 'repository')
  const environment = {
    PATH: process.env['PATH'] ?? '',
    RESTIC_REPOSITORY: path,
    RESTIC_PASSWORD: resticPassword,
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  }
  const restic = async (...args: readonly string[]): Promise<string> => {
    const options = { env: { ...environment, TZ: 'UTC' }, maxBuffer: 1e9 }
    return (await execute('restic', args, options)).stdout
  }
  return {
    path,
    environment,
    open: (options = {}) => openResticStore({ environment, host: 'test', tags: [], ...options }),
    restic,
    snapshots: async () =>
      JSON.parse(await restic('snapshots', '--json', '--no-lock')) as RawSnapshot[],
    writeSnapshots: async (snapshots) => {
      const key = keyIn(JSON.parse(await restic('cat', 'masterkey')) as MasterKey)
      for (const snapshot of snapshots) {
        await writeNamed(join(path, 'snapshots'), encrypted(JSON.stringify(snapshot), key))
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}

interface MasterKey {
  readonly mac: { readonly k: string; readonly r: string }
  readonly encrypt: string
}

interface Key {
  readonly encrypt: Buffer
  readonly k: Buffer
  readonly r: Buffer
}

function keyIn({ mac, encrypt }: MasterKey): Key {
  const [whole, k, r] = [encrypt, mac.k, mac.r].map((text) => Buffer.from(text, 'base64'))
  if (whole === undefined || k === undefined || r === undefined) throw new Error('Not a key.')
  return { encrypt: whole, k, r }
}

async function writeCheapKey(folder: string, masterKey: string): Promise<void> {
  const salt = randomBytes(64)
  const effort = { N: 2, r: 1, p: 1 }
  const derived = scryptSync(resticPassword, salt, 64, effort)
  const key = {
    encrypt: derived.subarray(0, 32),
    k: derived.subarray(32, 48),
    r: derived.subarray(48),
  }
  const data = encrypted(masterKey, key).toString('base64')
  const made = { created: new Date().toISOString(), username: 'test', hostname: 'test' }
  const document = { ...made, kdf: 'scrypt', ...effort, salt: salt.toString('base64'), data }
  await writeNamed(folder, Buffer.from(JSON.stringify(document)))
}

/** Files of a repository are named by their SHA-256. */
async function writeNamed(folder: string, bytes: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, createHash('sha256').update(bytes).digest('hex')), bytes)
}

/** As restic's design says: a nonce, AES-256-CTR, and Poly1305-AES over what that gives. */
function encrypted(text: string, { encrypt, k, r }: Key): Buffer {
  const nonce = randomBytes(16)
  const counter = createCipheriv('aes-256-ctr', encrypt, nonce)
  const hidden = Buffer.concat([counter.update(text), counter.final()])
  const pad = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false).update(nonce)
  return Buffer.concat([nonce, hidden, poly1305(hidden, r, pad)])
}

function poly1305(message: Buffer, r: Buffer, pad: Buffer): Buffer {
  const prime = 2n ** 130n - 5n
  const factor = numberOf(r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    sum = ((sum + numberOf(block) + 2n ** BigInt(8 * block.length)) * factor) % prime
  }
  const tag = (sum + numberOf(pad)) % 2n ** 128n
  return Buffer.from(Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').toReversed())
}

/** Little-endian. */
function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)
}
