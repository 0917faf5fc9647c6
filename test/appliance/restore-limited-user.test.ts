import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import {
  createDatabase,
  createRole,
  quoted,
  type TestDatabase,
  type TestRole,
} from '../support/test-database.ts'

interface Limited extends AsyncDisposable {
  readonly database: TestDatabase
  readonly here: Site
  readonly limited: TestRole
  readonly other: TestRole
}

const server = () => sharedPostgres()

/** A backup by the superuser of a database of a limited user, with what `extra` adds. */
async function limitedSite(extra: (other: string) => string): Promise<Limited> {
  const limited = await createRole(server())
  const other = await createRole(server())
  const database = await createDatabase(server())
  const owner = `ALTER DATABASE ${quoted(database.name)} OWNER TO ${quoted(limited.user)}`
  await server().psql('postgres', owner)
  await database.psql(
    'CREATE SCHEMA mine; CREATE TABLE mine.t AS SELECT generate_series(1, 5) AS i',
    limited,
  )
  await database.psql(extra(quoted(other.user)))
  const here = await site([database.spec], limited.environment)
  expect(await here.run(['-1'], { env: database.environment })).toMatchObject({ status: 0 })
  return {
    database,
    here,
    limited,
    other,
    [Symbol.asyncDispose]: async () => {
      await here[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
      await limited[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
    },
  }
}

async function inPlace({ here, database }: Limited, flag: string) {
  return await here.run(['-r', database.spec, '--in-place', flag])
}

const rowsSql = 'SELECT count(*) FROM mine.t'

describe('--in-place by a user with few rights, refused by --dry-run too before anything is gone', () => {
  const othersTable = (other: string) =>
    `CREATE SCHEMA other; CREATE TABLE other.x AS SELECT 1 AS i; ALTER TABLE other.x OWNER TO ${other}`

  test('owners in the archive whose member it is not', async () => {
    await using it = await limitedSite(othersTable)
    await it.database.psql('DROP SCHEMA other CASCADE')

    for (const flag of ['--dry-run', '--yes']) {
      const { status, stderr } = await inPlace(it, flag)

      expect(status).toBe(1)
      expect(stderr).toMatch(new RegExp(`Things in the dump belong to [^:]*${it.other.user}`, 'u'))
      expect(stderr).toContain(`a member (GRANT … TO ${it.limited.user})`)
      expect(await it.database.psql(rowsSql)).toBe('5')
    }
  })

  test('until it is one', async () => {
    await using it = await limitedSite((other) => {
      return `CREATE TABLE mine.x AS SELECT 1 AS i; ALTER TABLE mine.x OWNER TO ${other}`
    })
    const grant = `GRANT ${quoted(it.other.user)} TO ${quoted(it.limited.user)}`
    const mayCreate = `GRANT CREATE ON SCHEMA mine TO ${quoted(it.other.user)}`
    await it.database.psql(`DROP TABLE mine.x; ${grant}; ${mayCreate}`)
    const again = await it.here.run(['-1'], { env: it.database.environment })
    expect(again.status).toBe(0)
    await it.database.psql('DELETE FROM mine.t')

    const { status, stderr } = await inPlace(it, '--yes')

    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(await it.database.psql(rowsSql)).toBe('5')
  })

  test('things of others in the present database', async () => {
    await using it = await limitedSite(() => 'SELECT')
    await it.database.psql(othersTable(quoted(it.other.user)))

    for (const flag of ['--dry-run', '--yes']) {
      const { status, stderr } = await inPlace(it, flag)

      expect(status).toBe(1)
      expect(stderr).toContain('It does not own all of them: other.x')
      expect(await it.database.psql(rowsSql)).toBe('5')
    }
  })

  test('extensions that only a superuser may create', async () => {
    await using it = await limitedSite(() => 'CREATE EXTENSION pageinspect')
    await it.database.psql('DROP EXTENSION pageinspect')

    for (const flag of ['--dry-run', '--yes']) {
      const { status, stderr } = await inPlace(it, flag)

      expect(status).toBe(1)
      expect(stderr).toContain('Only a superuser may create the extension pageinspect')
      expect(await it.database.psql(rowsSql)).toBe('5')
    }
  })

  test('extensions that stay, because they are of somebody else', async () => {
    await using it = await limitedSite(() => 'CREATE EXTENSION pgcrypto')

    const { status, stderr } = await inPlace(it, '--dry-run')

    expect(status).toBe(1)
    expect(stderr).toContain('The extension pgcrypto belongs to')
  })

  test('but not trusted extensions, which it may create', async () => {
    await using it = await limitedSite(() => 'CREATE EXTENSION pgcrypto')
    await it.database.psql('DROP EXTENSION pgcrypto; DELETE FROM mine.t')

    const { status, stderr } = await inPlace(it, '--yes')

    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(await it.database.psql(rowsSql)).toBe('5')
  })
})
