import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ageKey, type KeyPair, sshKey } from '../support/age-keys.ts'
import { debianBinDir } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, type TestDatabase } from '../support/test-database.ts'
import { verdictOf } from '../support/verifying.ts'
import {
  listFiles,
  manifestPathOf,
  readManifest,
  type TemporaryFolder,
  temporaryFolder,
} from '../support/volume.ts'

let keys: TemporaryFolder
let pair: KeyPair
let stranger: KeyPair
let ssh: KeyPair

beforeAll(() => {
  keys = temporaryFolder()
  pair = ageKey(keys.join('key.txt'))
  stranger = ageKey(keys.join('other.txt'))
  ssh = sshKey(keys.join('ssh'))
})
afterAll(() => keys[Symbol.asyncDispose]())

const rows = 'CREATE TABLE t AS SELECT i, md5(i::text) AS h FROM generate_series(1, 5000) i'
const countRows = 'SELECT count(*) FROM t'
const passphrase = 'correct horse battery staple'

function databaseWithRows(): Promise<TestDatabase> {
  return createDatabase(sharedPostgres(), undefined, rows)
}

/** The only backup of a volume, whatever its ending. */
async function onlyBackup(here: Site): Promise<string> {
  const files = await listFiles(here.root, { catalog: false })
  expect(files).toHaveLength(1)
  return files[0] ?? ''
}

/** Nothing in clear may be left on the volume. */
async function scratchOf(here: Site): Promise<readonly string[]> {
  const names = await readdir(join(here.root, '.catalog/scratch')).catch(() => [])
  return names.filter((name) => name !== 'in-use')
}

interface Listed {
  readonly path: string
  readonly ok: boolean
  readonly problem: string | null
  readonly limits: string | null
}

async function checkOf(here: Site, env = {}): Promise<Listed & { readonly status: number }> {
  const { status, stdout, stderr } = await here.run(['--check', 'all', '--json'], { env })
  const [result] = (JSON.parse(stdout) as { results: Listed[] }).results
  if (result === undefined) throw new Error(stderr)
  return { status, ...result }
}

/** A copy of a file with some of its bytes changed. */
async function damage(file: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(file, change(await readFile(file)))
}

function flippedAt(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 4
  return bytes
}

const shapes = [
  ['plain gzip', {}, '.sql.gz.age'],
  ['plain zstd', { COMPRESSION: 'zstd' }, '.sql.zst.age'],
  ['uncompressed', { COMPRESSION: 'none' }, '.sql.age'],
  ['custom', { FORMAT: 'custom' }, '.dump.age'],
  ['directory', { FORMAT: 'directory' }, '.dir.tar.age'],
] as const

describe.each(shapes)('an encrypted backup, %s,', (_shape, format, ending) => {
  test('needs public keys only to be made, listed and checked from outside, and its identity to be verified and restored', async () => {
    await using database = await databaseWithRows()
    const env = { ...format, ENCRYPTION_RECIPIENTS: pair.recipient }
    await using here = await site([database.spec], env)
    const withIdentity = { DECRYPTION_IDENTITY_FILE: pair.identityFile }

    const backup = await here.run(['-1'])
    const path = await onlyBackup(here)
    const list = await here.run(['-l', '--json'])
    const status = await here.run(['--status'])
    const outside = await checkOf(here)
    const couldNot = await verdictOf(here)
    await database.psql('DELETE FROM t WHERE i > 10')
    const refused = await here.run(['-r', database.spec, '--yes'])
    const untouched = await database.psql(countRows)
    const inside = await checkOf(here, withIdentity)
    const verified = await verdictOf(here, withIdentity)
    const restored = await here.run(['-r', database.spec, '--yes'], { env: withIdentity })

    expect(backup).toMatchObject({ status: 0, stderr: '' })
    expect(path.endsWith(ending)).toBe(true)
    const bytes = await readFile(join(here.root, path))
    expect(await readManifest(here.root, path)).toMatchObject({
      encryption: { kind: 'age', recipients: [pair.recipient] },
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect([list.status, list.stdout.includes(path), status.status]).toEqual([0, true, 0])
    expect(outside).toMatchObject({ status: 0, ok: true, problem: null })
    expect(outside.limits).toMatch(/only its checksum.*DECRYPTION_IDENTITY_FILE is not set/u)
    expect(couldNot).toMatchObject({ status: 1, verdict: 'could-not-verify' })
    expect(couldNot.differences.join()).toContain('DECRYPTION_IDENTITY_FILE')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/cannot be opened here.*\n.*DECRYPTION_IDENTITY_FILE/u)
    expect(untouched).toBe('10')
    expect(inside).toMatchObject({ status: 0, ok: true, problem: null, limits: null })
    expect(verified).toMatchObject({ status: 0, verdict: 'verified' })
    expect(restored.status).toBe(0)
    expect(await database.psql(countRows)).toBe('5000')
    expect(await scratchOf(here)).toEqual([])
    const place = here.folder.join('verification/backup-container')
    expect((await readdir(place)).filter((name) => name.startsWith('opened-'))).toEqual([])
  })

  test('is opened by the program age without us', async () => {
    await using database = await databaseWithRows()
    const recipients = `${stranger.recipient}, ${pair.recipient}\n${ssh.recipient} me@home`
    await using here = await site([database.spec], { ...format, ENCRYPTION_RECIPIENTS: recipients })
    await here.run(['-1'])
    const stored = join(here.root, await onlyBackup(here))

    const plain = execFileSync('age', ['-d', '-i', ssh.identityFile, stored], { maxBuffer: 1e8 })

    expect(textIn(plain, ending)).toContain('CREATE TABLE public.t')
  })
})

/** What a person would see of an archive in clear. */
function textIn(plain: Buffer, ending: string): string {
  if (ending === '.sql.gz.age') return gunzipSync(plain).toString()
  if (ending === '.sql.age') return plain.toString()
  const file = keys.join('in-clear')
  writeFileSync(file, plain)
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (ending === '.sql.zst.age') return run('zstd', '-d', '-c', '-q', '--', file)
  const pgRestore = join(debianBinDir(), 'pg_restore')
  if (ending === '.dump.age') return run(pgRestore, '--file=-', file)
  mkdirSync(keys.join('dir'))
  run('tar', '-xf', file, '-C', keys.join('dir'))
  return run(pgRestore, '--file=-', keys.join('dir'))
}

describe('an encrypted backup', () => {
  test.each([
    ['an SSH key', () => ({ ENCRYPTION_RECIPIENTS: ssh.recipient }), () => ssh.identityFile, null],
    ['a passphrase', () => ({ ENCRYPTION_KEY: passphrase }), () => undefined, passphrase],
  ])('may be for %s', async (_what, encryption, identity, key) => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec])
    const env = { ENCRYPTION_KEY: key ?? undefined, DECRYPTION_IDENTITY_FILE: identity() }

    const backup = await here.run(['-1'], { env: encryption() })
    const check = await checkOf(here, env)
    const verified = await here.run(['-v', 'all'], {
      env: { ...env, VERIFICATION_DIR: here.folder.join('verification') },
    })
    await database.psql('DROP TABLE t')
    const restored = await here.run(['-r', database.spec, '--yes'], { env })

    expect(backup).toMatchObject({ status: 0, stderr: '' })
    expect(check).toMatchObject({ status: 0, ok: true, limits: null })
    expect([verified.status, restored.status]).toEqual([0, 0])
    expect(await database.psql(countRows)).toBe('5000')
    expect(await onlyBackup(here)).toMatch(/\.sql\.gz\.age$/u)
  })

  test('of a passphrase is not called bad because another one is set', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec])
    await here.run(['-1'], { env: { ENCRYPTION_KEY: passphrase } })

    const check = await checkOf(here, { ENCRYPTION_KEY: 'another' })
    const verdict = await verdictOf(here, { ENCRYPTION_KEY: 'another' })

    expect(check).toMatchObject({ status: 0, ok: true })
    expect(check.limits).toContain('ENCRYPTION_KEY is not its passphrase')
    expect(verdict).toMatchObject({ status: 1, verdict: 'could-not-verify' })
  })

  test('is not called bad, and not touched, because somebody else’s identity is there', async () => {
    await using database = await databaseWithRows()
    const env = {
      ENCRYPTION_RECIPIENTS: pair.recipient,
      DECRYPTION_IDENTITY_FILE: stranger.identityFile,
    }
    await using here = await site([database.spec], env)

    const backup = await here.run(['-1'])
    const check = await checkOf(here)
    const verdict = await verdictOf(here)
    const restore = await here.run(['-r', database.spec, '--yes'])

    expect(backup.status).toBe(0)
    expect(backup.stderr).toContain('could not be read back')
    expect(check).toMatchObject({ status: 0, ok: true })
    expect(check.limits).toContain('no identity matched any of the recipients')
    expect(verdict).toMatchObject({ status: 1, verdict: 'could-not-verify' })
    expect(restore.status).toBe(1)
    expect(restore.stderr).toContain('no identity matched')
    expect(await scratchOf(here)).toEqual([])
  })

  test.each([
    ['its header', (bytes: Buffer) => flippedAt(bytes, 40)],
    ['the key in its header', (bytes: Buffer) => flippedAt(bytes, 90)],
    ['its middle', (bytes: Buffer) => flippedAt(bytes, bytes.length >> 1)],
    ['its last chunk', (bytes: Buffer) => flippedAt(bytes, bytes.length - 3)],
    ['its end, at a chunk', (bytes: Buffer) => bytes.subarray(0, chunkEnd(bytes))],
  ])(
    'that is damaged in %s fails, known or unknown, with or without its identity',
    async (_where, change) => {
      await using database = await databaseWithRows()
      await using here = await site([database.spec], {
        ENCRYPTION_RECIPIENTS: pair.recipient,
        COMPRESSION: 'none',
      })
      await here.run(['-1'])
      const path = await onlyBackup(here)
      const env = { DECRYPTION_IDENTITY_FILE: pair.identityFile }
      await damage(join(here.root, path), change)

      const outside = await checkOf(here)
      const inside = await checkOf(here, env)
      const verdict = await verdictOf(here, env)
      const restore = await here.run(['-r', database.spec, '-f', path, '--yes'], { env })
      await rm(join(here.root, manifestPathOf(path)))
      const unknown = await checkOf(here, env)

      expect(outside).toMatchObject({ status: 1, ok: false })
      expect(outside.problem).toContain('damaged')
      expect(inside).toMatchObject({ status: 1, ok: false })
      expect(verdict).toMatchObject({ status: 1, verdict: 'failed' })
      expect([restore.status, restore.stderr]).toEqual([1, expect.stringContaining('damaged')])
      expect(unknown).toMatchObject({ status: 1, ok: false })
      expect(await database.psql(countRows)).toBe('5000')
      expect(await scratchOf(here)).toEqual([])
    },
  )

  test('stands beside backups in clear, and both are restored', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec])
    const env = {
      ENCRYPTION_RECIPIENTS: pair.recipient,
      DECRYPTION_IDENTITY_FILE: pair.identityFile,
    }
    await here.run(['-1'])
    const clear = await onlyBackup(here)
    await here.run(['-1'], { env })
    const encrypted = (await here.backups()).find((path) => path.endsWith('.age')) ?? ''

    const statuses: number[] = []
    for (const path of [clear, encrypted]) {
      await database.psql('DROP TABLE t')
      const { status } = await here.run(['-r', database.spec, '-f', path, '--yes'], { env })
      statuses.push(status)
      expect(await database.psql(countRows)).toBe('5000')
    }
    const onlyClear = await here.run(['-r', database.spec, '-f', clear, '--yes'])

    expect([...statuses, onlyClear.status]).toEqual([0, 0, 0])
  })

  test('without a manifest is checked, verified and restored with its identity, and not believed without', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec], { ENCRYPTION_RECIPIENTS: pair.recipient })
    const env = { DECRYPTION_IDENTITY_FILE: pair.identityFile }
    await here.run(['-1'])
    const path = await onlyBackup(here)
    await rm(join(here.root, manifestPathOf(path)))

    const outside = await checkOf(here)
    const inside = await checkOf(here, env)
    const verdict = await verdictOf(here, env)
    await database.psql('DROP TABLE t')
    const restore = await here.run(['-r', database.spec, '-f', path, '--yes'], { env })

    expect(outside).toMatchObject({ status: 1, ok: false })
    expect(outside.problem).toContain('nothing about it can be checked')
    expect(inside).toMatchObject({ status: 0, ok: true, limits: null })
    expect(verdict.verdict).toBe('verified-with-exceptions')
    expect(restore.status).toBe(0)
    expect(await database.psql(countRows)).toBe('5000')
  })

  test('is made of the copies only with ENCRYPT=mirrors', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec], {
      ENCRYPTION_RECIPIENTS: pair.recipient,
      ENCRYPT: 'mirrors',
    })

    await here.run(['-1'])

    const path = await onlyBackup(here)
    expect(path).toMatch(/\.sql\.gz$/u)
    expect(await readManifest(here.root, path)).not.toHaveProperty('encryption')
  })

  test('that a killed restore left in clear is gone after the next look at any', async () => {
    await using database = await databaseWithRows()
    const env = {
      ENCRYPTION_RECIPIENTS: pair.recipient,
      DECRYPTION_IDENTITY_FILE: pair.identityFile,
    }
    await using here = await site([database.spec], env)
    await here.run(['-1'])
    await using blocked = await blockingRestore(here, database)
    const before = await scratchOf(here)
    const clear = join(here.root, '.catalog/scratch', before[0] ?? '')
    const beside = await checkOf(here)
    const whileAlive = await scratchOf(here)

    blocked.kill()
    await blocked.done
    const afterKill = await scratchOf(here)
    await checkOf(here)

    expect(before).toHaveLength(1)
    expect(beside.status).toBe(0)
    expect([whileAlive, afterKill]).toEqual([before, before])
    expect(existsSync(clear)).toBe(false)
  })
})

/** A restore that waits, with its archive in clear: somebody asks it to confirm. */
async function blockingRestore(
  here: Site,
  database: TestDatabase,
): Promise<AsyncDisposable & { kill(): void; readonly done: Promise<unknown> }> {
  const bin = here.folder.join('bin')
  mkdirSync(bin)
  for (const name of ['psql', 'pg_dump', 'pg_restore']) {
    const real = join(debianBinDir(), name)
    const script =
      name === 'psql'
        ? `#!/bin/sh\ncase "$*" in --version) exec ${real} --version;; esac\necho waiting >${bin}/waits\nexec sleep 600\n`
        : `#!/bin/sh\nexec ${real} "$@"\n`
    writeFileSync(join(bin, name), script)
    chmodSync(join(bin, name), 0o755)
  }
  const running = here.start(['-r', database.spec, '--yes'], { env: { PG_BIN_DIR: bin } })
  await expect.poll(() => existsSync(join(bin, 'waits')), { timeout: 30_000 }).toBe(true)
  return {
    kill: () => running.kill('SIGKILL'),
    done: running.done,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

/** The end of a whole chunk of the payload: 64 KiB and a tag each, after header and nonce. */
function chunkEnd(bytes: Buffer): number {
  const body = bytes.indexOf('\n', bytes.indexOf('\n---') + 1) + 1
  return body + 16 + 64 * 1024 + 16
}

describe('a file of openssl enc', () => {
  test('is checked, verified and restored with its passphrase', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec], { FORMAT: 'custom' })
    await here.run(['-1'])
    const path = await onlyBackup(here)
    await salt(join(here.root, path))
    await rm(join(here.root, manifestPathOf(path)))
    const env = { ENCRYPTION_KEY: passphrase }

    const check = await checkOf(here, env)
    const verdict = await verdictOf(here, env)
    await database.psql('DROP TABLE t')
    const restore = await here.run(['-r', database.spec, '-f', `${path}.enc`, '--yes'], { env })
    const wrong = await verdictOf(here, { ENCRYPTION_KEY: 'wrong' })

    expect(check).toMatchObject({ path: `${path}.enc`, ok: true, limits: null })
    expect(verdict.verdict).toBe('verified-with-exceptions')
    expect(restore.status).toBe(0)
    expect(await database.psql(countRows)).toBe('5000')
    expect(wrong.verdict).toBe('could-not-verify')
  })
})

/** As minback does it. */
async function salt(file: string): Promise<void> {
  const path = keys.join('passphrase')
  writeFileSync(path, passphrase)
  const args = ['enc', '-aes-256-cbc', '-md', 'sha256', '-pass', `file:${path}`]
  const input = readFileSync(file)
  const salted = execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'ignore'] })
  await writeFile(file, salted)
  await rename(file, `${file}.enc`)
}
