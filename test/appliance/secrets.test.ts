import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startReceiver } from '../support/http-receiver.ts'
import { debianBinDir } from '../support/postgres-server.ts'
import { type Sight, watchingProcesses } from '../support/process-watch.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, createRole } from '../support/test-database.ts'

/** One for each way in which a secret comes in. */
const secrets = {
  DATABASE_PASSWORD: 'secret-1-database-ZQJX',
  OTHER_HOST_PASSWORD: 'secret-2-other-host-ZQJX',
  ADMIN_PASSWORD: 'secret-3-admin-ZQJX',
  WEBHOOK_URL: 'https://hook.invalid/secret-4-hook-ZQJX',
  FTP_PASSWORD: 'secret-5-ftp-ZQJX',
  S3_PASSWORD: 'secret-6-s3-ZQJX',
  PGDUTY_SVC_KEY: 'secret-7-pager-ZQJX',
  VAULT_TOKEN: 'secret-8-inherited-ZQJX',
  FTP_URL: 'ftps://user:secret-9-ftp-url-ZQJX@ftp.invalid/dir/',
  ENCRYPTION_KEY: 'secret-12-encryption-ZQJX',
  PING_URL: 'https://ping.invalid/secret-13-ping-ZQJX',
  WEBHOOK_AUTH_HEADER: 'Authorization: Bearer secret-14-hook-header-ZQJX',
  WEBHOOK_URL_2: 'https://hook.invalid/secret-15-other-hook-ZQJX',
} as const
const ofDatabases = new Set<string>([secrets.DATABASE_PASSWORD, secrets.OTHER_HOST_PASSWORD])
const ofAssignment = 'secret-10-assignment-ZQJX'
const mark = /secret-\d+-[a-z0-9-]+-ZQJX/gu

/** Both are the same program, first as its launcher. */
const isAppliance = ({ commandLine }: Sight) => /backup\.sh|dist\/main\.js/u.test(commandLine)

/** Tools that need the password of the database that they work on; pg_dumpall asks `sh` for pg_dump. */
const isClient = ({ commandLine }: Sight) =>
  /\/(?:psql|pg_dump|pg_dumpall|pg_restore)"?(?: |$)/u.test(commandLine)

async function allTextIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = entries
    .filter((entry) => entry.isFile() && entry.name !== 'backup.conf')
    .map(async ({ parentPath, name }) => {
      const bytes = await readFile(join(parentPath, name))
      return name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString('latin1')
    })
  return (await Promise.all(texts)).join('\n')
}

describe('secrets', () => {
  test('are in no output, no file, no argument, and no environment but of who needs them', async () => {
    await using role = await createRole(sharedPostgres(), {
      password: secrets.DATABASE_PASSWORD,
      attributes: 'SUPERUSER',
    })
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 200000) i',
    )
    await using hook = await startReceiver()
    await using here = await site(
      [database.spec, 'postgres=other-host.invalid/app', `API_TOKEN=${ofAssignment}`],
      {
        ...secrets,
        DATABASE_USER: role.user,
        ADMIN_PASSWORD: undefined,
        ENCRYPT: 'mirrors',
        WEBHOOK_TIMEOUT_SECONDS: '1',
        WEBHOOK_URL_3: hook.url,
        WEBHOOK_FORMAT_3: 'structured',
        MIRROR_TRIES: '1',
      },
    )
    const env = {
      ADMIN_USER: role.user,
      ADMIN_PASSWORD: secrets.DATABASE_PASSWORD,
      VERIFICATION_DIR: here.folder.join('verification'),
    }
    const commands: readonly (readonly string[])[] = [
      ['-c'],
      ['-c', '--json'],
      ['-s'],
      ['-1', '--json'],
      ['-l', '--json'],
      ['-v', database.spec, '--report', here.folder.join('report.html')],
      ['-r', database.spec, '--yes'],
      ['-r', database.spec, '--yes', '-f', secrets.VAULT_TOKEN],
      ['-1', '--only', secrets.S3_PASSWORD],
      ['-p', '--dry-run', '--json'],
      ['--status'],
      ['--check', 'all'],
    ]
    const offenders = new Set<string>()
    const programs = new Set<string>()
    const look = (sight: Sight) => {
      for (const [found] of sight.commandLine.matchAll(mark)) {
        if (!isAppliance(sight)) offenders.add(`argument ${found}: ${sight.commandLine}`)
      }
      if (isAppliance(sight)) return
      programs.add(sight.commandLine.replace(/ .*$/su, '').replace(/^.*\//su, ''))
      for (const [found] of sight.environment.matchAll(mark)) {
        if (isClient(sight) && ofDatabases.has(found)) continue
        offenders.add(`environment ${found}: ${sight.commandLine}`)
      }
    }

    const outputs: string[] = []
    for (const args of commands) {
      const { stdout, stderr } = await watchingProcesses(here.run(args, { env }), look)
      outputs.push(stdout, stderr)
    }

    for (const args of [['-1'], ['--check', 'all'], ['-v', database.spec]]) {
      const encrypted = here.run(args, { env: { ...env, ENCRYPT: 'all' } })
      const { stdout, stderr } = await watchingProcesses(encrypted, look)
      outputs.push(stdout, stderr)
    }

    const asLines = await here.run(['-1'], { env: { ...env, LOG_FORMAT: 'json' } })
    outputs.push(asLines.stdout, asLines.stderr)

    expect(outputs.join('\n').match(mark)).toBeNull()
    expect((await allTextIn(here.folder.path)).match(mark)).toBeNull()
    const notices = hook.received.map(({ body }) => body).join('\n')
    expect(notices).toContain('Failed to backup postgres=other-host.invalid')
    expect(notices.match(mark)).toBeNull()
    expect([...offenders]).toStrictEqual([])
    expect([...programs]).toEqual(expect.arrayContaining(['psql', 'pg_dump', 'initdb', 'postgres']))
    expect(await here.backups()).toHaveLength(4)
    expect((await here.backups()).filter((path) => path.endsWith('.age'))).toHaveLength(1)
    expect(outputs.join('\n')).toContain('Successfully verified backup')
    expect(outputs.join('\n')).toContain('Restore complete')
  }, 180_000)

  test.each(['secret-11-told-ZQJX', 'backup', 'a'])(
    'that a tool tells do not get through, and our own words stay whole (%s)',
    async (password) => {
      await using role = await createRole(sharedPostgres(), { password, attributes: 'SUPERUSER' })
      await using database = await createDatabase(sharedPostgres())
      await using here = await site([database.spec], { ...role.environment })
      await tellingPasswords(here)
      const env = { PG_BIN_DIR: here.folder.join('bin') }

      const { status, stdout, stderr } = await here.run(['-1'], { env })
      const asJson = await here.run(['-1', '--json'], { env })

      expect(status).toBe(1)
      expect(stderr).toContain('pg_dump: error: the password is "***", url u:***@h')
      expect(asJson.stdout).toContain('the password is \\"***\\"')
      expect(stderr).toContain(`[!!ERROR!!] - Failed to backup ${database.spec}.`)
      expect(stdout).toContain('Starting backup process ...')
      expect(stdout).toContain('- Backup strategy: daily')
      const [run] = await here.runs()
      expect(run?.databases[0]?.error?.reason).toContain('the password is "***", url u:***@h')
    },
  )

  test('that come back from a database are masked in what is said about it', async () => {
    const secret = secrets.FTP_PASSWORD
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], { FTP_PASSWORD: secret })
    await mkdir(here.folder.join(`checks/127.0.0.1-${database.name}`), { recursive: true })
    const check = here.folder.join(`checks/127.0.0.1-${database.name}/leak.sql`)
    await writeFile(check, `SELECT 'the other tool uses ${secret}'`)
    expect((await here.run(['-1'])).status).toBe(0)

    const { status, stderr } = await here.run(['-v', 'all'], {
      env: {
        VERIFY_CHECKS: here.folder.join('checks'),
        VERIFICATION_DIR: here.folder.join('verification'),
      },
    })

    expect(status).toBe(1)
    expect(stderr).toContain('the other tool uses ***')
    expect(await allTextIn(here.root)).toContain('the other tool uses ***')
    expect((await allTextIn(here.root)).match(mark)).toBeNull()
  })
})

/** A `bin` with a pg_dump that fails and tells its password. */
async function tellingPasswords({ folder }: Site): Promise<void> {
  await mkdir(folder.join('bin'))
  const real = debianBinDir()
  for (const name of ['psql', 'pg_dumpall']) {
    const script = `#!/bin/sh\nexec ${real}/${name} "$@"\n`
    await writeFile(folder.join('bin', name), script, { mode: 0o755 })
  }
  const script = `#!/bin/sh
case "$1" in --version) exec ${real}/pg_dump --version;; esac
echo "pg_dump: error: the password is \\"$PGPASSWORD\\", url u:$PGPASSWORD@h" >&2
exit 1
`
  await writeFile(folder.join('bin/pg_dump'), script, { mode: 0o755 })
}
