import { mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { engineOf } from '../../../src/engines/index.ts'
import { configured, contextWith, prepare } from '../../support/engine.ts'
import { binDirOfMajor } from '../../support/other-majors.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { refusalOf } from '../../support/refusal.ts'
import { sharedPostgres } from '../../support/shared-postgres.ts'
import { startBlackHole } from '../../support/tcp-proxy.ts'
import { createDatabase } from '../../support/test-database.ts'
import { temporaryFolder } from '../../support/volume.ts'

describe('a database that cannot be reached', () => {
  test('is told by reason when no server listens', async () => {
    const server = sharedPostgres()
    const database = configured({ ...server, port: 1 }, 'x', server.superuser)

    const refusal = await refusalOf(prepare(database))

    expect(refusal.message).toBe('Could not connect to 127.0.0.1:1/x.')
    expect(refusal.reason).toMatch(/^No server listens there: .*Connection refused/u)
    expect(refusal.advice).toContain('127.0.0.1:1')
  })

  test('is told by reason when its host is unknown', async () => {
    const server = sharedPostgres()
    const database = configured({ host: 'no-such-host.invalid', port: 1 }, 'x', server.superuser)

    const refusal = await refusalOf(prepare(database))

    expect(refusal.reason).toMatch(/^No host of that name is known here/u)
  })

  test('is told by reason when the password is wrong, with the variables that set it', async () => {
    const server = sharedPostgres()
    const database = configured(server, 'postgres', { ...server.superuser, password: 'no' })

    const refusal = await refusalOf(prepare(database))

    expect(refusal.reason).toMatch(/^The server rejected the user or the password/u)
    expect(refusal.advice).toContain('DATABASE_PASSWORD')
    expect(JSON.stringify(refusal)).not.toContain('"no"')
  })

  test('is told by reason when the database is missing', async () => {
    const server = sharedPostgres()

    const refusal = await refusalOf(prepare(configured(server, 'not here', server.superuser)))

    expect(refusal.reason).toMatch(/^The server has no database of that name/u)
    expect(refusal.advice).toContain('"not here"')
  })

  test('D-39: is given up after the connect timeout when nobody answers', async () => {
    await using hole = await startBlackHole()
    const server = sharedPostgres()
    const database = configured(hole, 'x', server.superuser)
    const started = performance.now()

    const refusal = await refusalOf(
      engineOf(database).measure(database, contextWith({ connectTimeoutSeconds: 2 })),
    )

    expect(refusal.reason).toMatch(/^The server did not answer in time/u)
    expect(performance.now() - started).toBeLessThan(4_000)
  })
})

describe('the tools', () => {
  test('of a major older than the server are refused before anything is written (D-37)', async () => {
    await using server = await startPostgres({ binDir: await binDirOfMajor(17) })

    const refusal = await refusalOf(prepare(configured(server, 'postgres', server.superuser)))

    expect(refusal.message).toBe('There is no pg_dump for a server of PostgreSQL 17.')
    expect(refusal.advice).toContain('PG_BIN_DIR')
  })

  test('of the next newer major serve an older server', async () => {
    await using server = await startPostgres({ binDir: await binDirOfMajor(14) })

    await using dump = await prepare(configured(server, 'postgres', server.superuser))

    expect(dump.facts.serverVersion).toMatch(/^14\./u)
    expect(dump.facts.toolVersion).toMatch(/^15\./u)
  })

  test('are only looked for in PG_BIN_DIR when that is set', async () => {
    await using folder = temporaryFolder()
    const server = sharedPostgres()
    const database = configured(server, 'postgres', server.superuser)

    const refusal = await refusalOf(prepare(database, { binDir: folder.path }))

    expect(refusal.reason).toContain(folder.path)
  })

  test('that cannot say their version are no tools', async () => {
    await using folder = temporaryFolder()
    const bin = folder.join('bin')
    await mkdir(bin)
    for (const name of ['pg_dump', 'psql']) {
      await writeFile(`${bin}/${name}`, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    }
    const server = sharedPostgres()

    const refusal = await refusalOf(
      prepare(configured(server, 'postgres', server.superuser), { binDir: bin }),
    )

    expect(refusal.message).toBe('No PostgreSQL client programs were found.')
  })
})

describe('the live size', () => {
  test('is that of the database, with the version of its server', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    const target = configured(server, database.name, server.superuser)

    const { databaseBytes, serverVersion } = await engineOf(target).measure(target, contextWith())

    const said = await database.psql('SELECT pg_database_size(current_database())')
    expect(databaseBytes).toBe(Number(said))
    expect(serverVersion).toMatch(/^15\./u)
  })
})
