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

function flippedAt(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 4
  return copy
}

const shapes = [
  ['plain gzip', {}, '.sql.gz.age'],
  ['plain zstd', { COMPRESSION: 'zstd' }, '.sql.zst.age'],
  ['custom', { FORMAT: 'custom' }, '.dump.age'],
  ['directory', { FORMAT: 'directory' }, '.dir.tar.age'],
] as const

describe.each(shapes)('an encrypted backup, %s,', (_shape, format, ending) => {
  test('needs no private key but to look inside, and the program age opens it', async () => {
    await using database = await databaseWithRows()
    const recipients = [stranger.recipient, pair.recipient, ssh.recipient]
    const written = `${recipients.slice(0, 2).join(', ')}\n${ssh.recipient} me@home`
    await using here = await site([database.spec], { ...format, ENCRYPTION_RECIPIENTS: written })
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
    const plain = execFileSync('age', ['-d', '-i', ssh.identityFile], { input: bytes })
    expect(textIn(plain, ending)).toContain('CREATE TABLE public.t')
    expect(await readManifest(here.root, path)).toMatchObject({
      encryption: { kind: 'age', recipients },
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
})

/** What a person would see of an archive in clear. */
function textIn(plain: Buffer, ending: string): string {
  if (ending === '.sql.gz.age') return gunzipSync(plain).toString()
  const file = keys.join('in-clear')
  writeFileSync(file, plain)
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8' })
  if (ending === '.sql.zst.age') return run('zstd', '-d', '-c', '-q', '--', file)
  const pgRestore = join(debianBinDir(), 'pg_restore')
  if (ending === '.dump.age') return run(pgRestore, '--file=-', file)
  mkdirSync(keys.join('dir'))
  run('tar', '-xf', file, '-C', keys.join('dir'))
  return run(pgRestore, '--file=-', keys.join('dir'))
}

describe('an encrypted backup', () => {
  const ways = {
    'an SSH key': () => ({
      encryption: { ENCRYPTION_RECIPIENTS: ssh.recipient },
      right: { DECRYPTION_IDENTITY_FILE: ssh.identityFile },
      wrong: { DECRYPTION_IDENTITY_FILE: pair.identityFile },
    }),
    'a passphrase': () => ({
      encryption: { ENCRYPTION_KEY: passphrase },
      right: { ENCRYPTION_KEY: passphrase },
      wrong: { ENCRYPTION_KEY: 'another' },
    }),
  } as const

  test.each(Object.entries(ways))(
    'may be for %s, and a wrong one is not called damage',
    async (_what, way) => {
      const { encryption, right, wrong } = way()
      await using database = await databaseWithRows()
      await using here = await site([database.spec])

      const backup = await here.run(['-1'], { env: encryption })
      const check = await checkOf(here, wrong)
      const verified = await here.run(['-v', 'all'], {
        env: { ...right, VERIFICATION_DIR: here.folder.join('verification') },
      })
      await database.psql('DROP TABLE t')
      const restored = await here.run(['-r', database.spec, '--yes'], { env: right })

      expect(backup).toMatchObject({ status: 0, stderr: '' })
      expect(check).toMatchObject({ status: 0, ok: true })
      expect(check.limits).toMatch(/no identity matched|ENCRYPTION_KEY is not its passphrase/u)
      expect([verified.status, restored.status]).toEqual([0, 0])
      expect(await database.psql(countRows)).toBe('5000')
      expect(await onlyBackup(here)).toMatch(/\.sql\.gz\.age$/u)
    },
  )

  test('is not sealed when the dump in it has no end, though nobody here could open it', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec], { ENCRYPTION_RECIPIENTS: pair.recipient })
    const bin = here.folder.join('bin')
    mkdirSync(bin)
    for (const name of ['psql', 'pg_dumpall', 'pg_dump']) {
      const real = join(debianBinDir(), name)
      const cut =
        name === 'pg_dump'
          ? `case "$*" in *--version*) ;; *) ${real} "$@" | head -c 3000; exit 0;; esac\n`
          : ''
      writeFileSync(join(bin, name), `#!/bin/sh\n${cut}exec ${real} "$@"\n`)
      chmodSync(join(bin, name), 0o755)
    }

    const { status, stderr } = await here.run(['-1'], { env: { PG_BIN_DIR: bin } })

    expect(status).toBe(1)
    expect(stderr).toContain('is not whole')
    expect(await here.files()).toEqual([])
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

  test('that is damaged fails, with or without its identity, with or without its manifest', async () => {
    await using database = await databaseWithRows()
    await using here = await site([database.spec], {
      ENCRYPTION_RECIPIENTS: pair.recipient,
      COMPRESSION: 'none',
    })
    await here.run(['-1'])
    const path = await onlyBackup(here)
    const env = { DECRYPTION_IDENTITY_FILE: pair.identityFile }
    const whole = await readFile(join(here.root, path))
    const damages = [
      flippedAt(whole, 90),
      flippedAt(whole, whole.length >> 1),
      whole.subarray(0, chunkEnd(whole)),
    ]

    for (const bytes of damages) {
      await writeFile(join(here.root, path), bytes)
      const outside = await checkOf(here)
      const inside = await checkOf(here, env)
      expect([outside.status, outside.problem]).toEqual([1, expect.stringContaining('damaged')])
      expect([inside.status, inside.problem]).toEqual([1, expect.stringContaining('damaged')])
    }
    const verdict = await verdictOf(here, env)
    const restore = await here.run(['-r', database.spec, '-f', path, '--yes'], { env })
    await rm(join(here.root, manifestPathOf(path)))
    const unknown = await checkOf(here, env)

    expect(verdict).toMatchObject({ status: 1, verdict: 'failed' })
    expect([restore.status, restore.stderr]).toEqual([1, expect.stringContaining('damaged')])
    expect(unknown).toMatchObject({ status: 1, ok: false })
    expect(await database.psql(countRows)).toBe('5000')
    expect(await scratchOf(here)).toEqual([])
  })

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
