import { describe, expect, test } from 'vitest'
import { Refusal } from '../../../src/model/index.ts'
import { configured, dumpText, prepare } from '../../support/engine.ts'
import { sharedPostgres } from '../../support/shared-postgres.ts'
import { createDatabase, createRole, quoted, uniqueName } from '../../support/test-database.ts'

/** Names that break whoever pastes them into a shell, SQL, a path or a connection string. */
const oddNames = [
  'with space',
  "quote's",
  'double"quote',
  'semi;colon',
  '$(touch pwned)',
  'a=b',
  'postgresql://x',
  '../up/../../etc',
  'back\\slash',
  'Größe-数据',
  ':name',
  '-n',
]

describe('a dump', () => {
  test.each(oddNames)('is made of a database named %j', async (odd) => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, `${odd} ${uniqueName('')}`)
    await database.psql('CREATE TABLE t (i int); INSERT INTO t VALUES (7), (8)')
    const target = configured(server, database.name, server.superuser)

    await using dump = await prepare(target)
    const text = await dumpText(dump)

    expect(text).toContain('COPY public.t (i) FROM stdin;\n7\n8\n')
    expect(text).toContain(dump.endMarker)
    expect(dump.facts.database.name).toBe(database.name)
    expect(dump.warnings).toEqual([])
  })

  test('has the roles of the server before it, without passwords', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server, { password: 'unmistakable-password' })
    await using database = await createDatabase(server)
    await database.psql(`CREATE TABLE t (); ALTER TABLE t OWNER TO ${quoted(role.user)}`)

    await using dump = await prepare(configured(server, database.name, server.superuser))

    expect(dump.preamble?.toString()).toContain(`CREATE ROLE ${role.user};`)
    expect(dump.preamble?.toString()).not.toMatch(/PASSWORD|SCRAM/u)
    expect(dump.facts.roles).toContain(role.user)
    await database.drop()
  })

  test('by a user without privileges still has the roles', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server)

    await using dump = await prepare(configured(server, database.name, role))

    expect(dump.preamble?.toString()).toContain(`CREATE ROLE ${role.user};`)
  })

  test('knows what belongs to the database but is not in it', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server)
    const name = quoted(database.name)
    await database.psql(`CREATE EXTENSION pgcrypto;
      ALTER DATABASE ${name} OWNER TO ${quoted(role.user)};
      ALTER DATABASE ${name} SET work_mem = '7MB';
      ALTER ROLE ${quoted(role.user)} IN DATABASE ${name} SET statement_timeout = '5min';
      GRANT CONNECT ON DATABASE ${name} TO ${quoted(role.user)}`)

    await using dump = await prepare(configured(server, database.name, server.superuser))

    expect(dump.facts.extensions.map((extension) => extension.name)).toEqual([
      'pgcrypto',
      'plpgsql',
    ])
    expect(dump.facts.database).toMatchObject({ owner: role.user, encoding: 'UTF8' })
    expect(dump.facts.database.acl).toContain(role.user)
    expect(dump.facts.database.settings).toEqual([
      { role: null, setting: 'work_mem=7MB' },
      { role: role.user, setting: 'statement_timeout=5min' },
    ])
    await database.drop()
  })

  test('survives the timeouts that the server sets for sessions', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    await database.psql(`CREATE TABLE t AS SELECT generate_series(1, 1000) AS i;
      ALTER DATABASE ${quoted(database.name)} SET idle_in_transaction_session_timeout = '50ms';
      ALTER DATABASE ${quoted(database.name)} SET statement_timeout = '1s';
      ALTER DATABASE ${quoted(database.name)} SET idle_session_timeout = '60ms'`)

    await using dump = await prepare(configured(server, database.name, server.superuser))
    await dumpText(dump)
    // In another database: the timeouts would hold for this session, too.
    await server.psql('postgres', 'SELECT pg_sleep(0.3)')

    expect((await dump.fingerprint()).tables).toEqual([
      { schema: 'public', table: 't', rows: 1000 },
    ])
  })

  test('has no password in its arguments (D-50)', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)

    await using dump = await prepare(configured(server, database.name, server.superuser))

    expect(dump.command.args.join(' ')).not.toContain(server.superuser.password)
    expect(dump.command.environment['PGPASSWORD']).toBe(server.superuser.password)
  })
})

describe('the preflight', () => {
  async function refusal(user: { user: string; password: string }, name: string): Promise<Refusal> {
    const error = await prepare(configured(sharedPostgres(), name, user)).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error instanceof Refusal) return error
    throw new Error(`Expected a Refusal, got ${String(error)}`)
  }

  test('D-01: names tables and sequences that the user may not read, and the fix works', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server, { user: `odd "role" ${uniqueName('')}` })
    await using database = await createDatabase(server)
    await database.psql(`CREATE TABLE open (i int); GRANT SELECT ON open TO ${quoted(role.user)};
      CREATE TABLE "Closed" (i serial); CREATE SCHEMA hidden; CREATE TABLE hidden.t ()`)

    const { message, reason, advice } = await refusal(role, database.name)

    expect(message).toMatch(/^The dump of .* would fail\.$/u)
    expect(reason).toContain('hidden.t, public."Closed", public."Closed_i_seq"')
    expect(reason).not.toContain('public.open')
    await database.psql(/: (?<fix>GRANT .*;)$/u.exec(advice)?.groups?.['fix'] ?? 'no fix')
    await using dump = await prepare(configured(server, database.name, role))
    expect(await dumpText(dump)).toContain(dump.endMarker)
    await database.drop()
  })

  test('names tables whose rows a policy hides, and the fix works', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server)
    await database.psql(`CREATE TABLE secrets (i int); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
      GRANT SELECT ON secrets TO ${role.user}`)

    const { reason, advice } = await refusal(role, database.name)

    expect(reason).toBe(`Row-level security hides rows of public.secrets from user ${role.user}.`)
    await database.psql(/: (?<fix>ALTER .*;)$/u.exec(advice)?.groups?.['fix'] ?? 'no fix')
    await using dump = await prepare(configured(server, database.name, role))
    expect(await dumpText(dump)).toContain(dump.endMarker)
    await database.drop()
  })

  test('counts large objects that the user may not read', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server)
    await database.psql("SELECT lo_from_bytea(0, 'x'), lo_from_bytea(0, 'y')")

    const { reason } = await refusal(role, database.name)

    expect(reason).toBe(`User ${role.user} may not read 2 large objects.`)
  })

  test('does not ask for rights on what pg_dump leaves out', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server)
    await database.psql(`CREATE TABLE t (i int); GRANT SELECT ON t TO ${role.user};
      CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
      CREATE EXTENSION pgcrypto; CREATE EXTENSION postgres_fdw;
      CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE f (i int) SERVER s`)

    await using dump = await prepare(configured(server, database.name, role))

    expect(await dumpText(dump)).toContain(dump.endMarker)
    await database.drop()
  })
})
