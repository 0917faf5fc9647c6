import { describe, expect, test } from 'vitest'
import { listObjects } from '../../../src/engines/postgres/objects/index.ts'
import { openSession } from '../../../src/engines/postgres/probe.ts'
import type { ObjectsOfKind } from '../../../src/model/index.ts'
import { configured, contextWith, dumpText, prepare } from '../../support/engine.ts'
import { binDirOfMajor } from '../../support/other-majors.ts'
import {
  type Login,
  type PostgresConnection,
  type PostgresServer,
  startPostgres,
} from '../../support/postgres-server.ts'
import { sharedPostgres } from '../../support/shared-postgres.ts'
import {
  createDatabase,
  createRole,
  quoted,
  type TestDatabase,
} from '../../support/test-database.ts'
import { awkwardObjects, awkwardRoutines, awkwardRows } from './awkward-objects.ts'
import { everyKind } from './every-kind.ts'
import { pgDump } from './load-setting.ts'

async function startMajor(major: 14 | 15 | 17): Promise<PostgresServer> {
  return await startPostgres(major === 15 ? {} : { binDir: await binDirOfMajor(major) })
}

async function objectsIn(
  server: PostgresConnection,
  database: string,
  login: Login = server.superuser,
): Promise<readonly ObjectsOfKind[]> {
  const { session, probe } = await openSession(configured(server, database, login), contextWith())
  await using _ = session
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  return await listObjects(session, probe.major)
}

function namesOf(objects: readonly ObjectsOfKind[], kind: string): readonly string[] | null {
  return objects.find((one) => one.kind === kind)?.names ?? null
}

/** Copies a database by pg_dump and psql. */
async function copied(
  from: PostgresConnection,
  database: string,
  to: PostgresConnection,
): Promise<TestDatabase> {
  const copy = await createDatabase(to)
  await copy.psql(await pgDump(from, database))
  return copy
}

describe('the objects of a database', () => {
  test('are the same after pg_dump and psql, for awkward ones and for every kind', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    const sql = `${awkwardRows};${awkwardRoutines};${awkwardObjects};${everyKind(quoted(role.user))}`
    await using database = await createDatabase(server, undefined, sql)
    await using copy = await copied(server, database.name, server)

    const objects = await objectsIn(server, database.name)

    expect(await objectsIn(server, copy.name)).toEqual(objects)
    expect(objects.filter(({ count }) => count === 0).map(({ kind }) => kind)).toEqual([
      'conversion',
      'language',
      'access method',
      'text search parser',
      'text search template',
      'foreign-data wrapper',
    ])
  })

  test.each([
    [14, 15],
    [14, 17],
    [15, 17],
  ] as const)('are the same when a dump of %i is loaded into %i', async (from, to) => {
    const [source, target] = await Promise.all([from, to].map(startMajor))
    if (source === undefined || target === undefined) throw new Error('Two servers are needed.')
    await using _source = source
    await using _target = target
    const role = 'CREATE ROLE somebody'
    await Promise.all([source.psql('postgres', role), target.psql('postgres', role)])
    const sql = `${awkwardRows};${awkwardRoutines};${awkwardObjects};${everyKind('somebody')}`
    const database = await createDatabase(source, undefined, sql)
    const copy = await copied(source, database.name, target)

    expect(await objectsIn(target, copy.name)).toEqual(await objectsIn(source, database.name))
  })

  test('leave out what belongs to extensions, and what every database has', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE EXTENSION postgis; CREATE EXTENSION hstore',
    )

    const objects = await objectsIn(sharedPostgres(), database.name)

    expect(objects.filter(({ count }) => count > 0)).toMatchObject([
      { kind: 'extension', names: ['hstore', 'postgis'] },
    ])
  })

  test('leave out materialized views that pg_dump cannot fill, for they read an empty one', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `CREATE MATERIALIZED VIEW first AS SELECT 1 AS one; CREATE VIEW between AS SELECT * FROM first;
      CREATE MATERIALIZED VIEW second AS SELECT * FROM between; CREATE MATERIALIZED VIEW third AS SELECT 2;
      REFRESH MATERIALIZED VIEW first WITH NO DATA`,
    )

    const objects = await objectsIn(sharedPostgres(), database.name)

    expect(namesOf(objects, 'materialized view')).toHaveLength(3)
    expect(namesOf(objects, 'materialized view with data')).toEqual(['public.third'])
  })

  test('are all seen by a user without any rights', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server, undefined, everyKind(quoted(role.user)))
    await using nobody = await createRole(server)

    const objects = await objectsIn(server, database.name, nobody)

    expect(objects).toEqual(await objectsIn(server, database.name))
  })
})

describe('a manifest', () => {
  test('has the objects of the dump’s own snapshot, by name', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, 'CREATE VIEW v AS SELECT 1')
    await using dump = await prepare(configured(server, database.name, server.superuser))
    await database.psql('CREATE VIEW later AS SELECT 2')

    const { objects, problem } = await dump.fingerprint()

    expect(problem).toBeNull()
    expect(namesOf(objects ?? [], 'view')).toEqual(['public.v'])
  })

  test('has the names of the rarer kinds only when there are thousands, and counts of all', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(
      server,
      undefined,
      `DO $$ BEGIN FOR i IN 1..1500 LOOP EXECUTE format('CREATE SEQUENCE s%s', i); END LOOP; END $$;
      CREATE VIEW v AS SELECT 1`,
    )
    await using dump = await prepare(configured(server, database.name, server.superuser))

    const { objects } = await dump.fingerprint()

    const sequences = objects?.find(({ kind }) => kind === 'owner')
    expect(sequences).toMatchObject({ count: 1501, names: null })
    expect(sequences?.digest).toMatch(/^[0-9a-f]{16}$/u)
    expect(namesOf(objects ?? [], 'view')).toEqual(['public.v'])
  })

  test('says so when they could not be listed, and the dump goes on', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(
      server,
      undefined,
      `CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO PUBLIC;
      REVOKE SELECT ON pg_catalog.pg_user_mappings FROM PUBLIC`,
    )
    await using dump = await prepare(configured(server, database.name, role))

    const text = await dumpText(dump)
    const { objects, tables, problem } = await dump.fingerprint()

    expect(text).toContain(dump.endMarker)
    expect(tables).toHaveLength(1)
    expect(objects).toBeNull()
    expect(problem).toMatch(/^objects could not be listed: .*pg_user_mappings/u)
  })
})
