import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formats, type ObjectKind, objectKinds } from '../../src/model/index.ts'
import {
  awkwardObjects,
  awkwardRoutines,
  awkwardRows,
} from '../engines/postgres/awkward-objects.ts'
import { everyKind } from '../engines/postgres/every-kind.ts'
import { count } from '../support/counts.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { createDatabase, createRole, quoted, type TestDatabase } from '../support/test-database.ts'
import {
  type BackedUp,
  backedUp,
  changeManifest,
  forge,
  plainTextOf,
  verdictOf,
  verify,
} from '../support/verifying.ts'

/** All that a dump makes with a statement of its own and a non-superuser may load. */
const sample = `
  CREATE SCHEMA app;
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
  CREATE TYPE pair AS (x int, y int);
  CREATE TABLE people (id serial PRIMARY KEY, name text, CONSTRAINT has_name CHECK (name <> ''));
  INSERT INTO people (name) SELECT 'person ' || i FROM generate_series(1, 100) i;
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, person int REFERENCES people, code text UNIQUE,
    during int4range, CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&));
  CREATE TABLE alone (id int PRIMARY KEY, at int); CREATE INDEX people_by_name ON people (name);
  CREATE STATISTICS id_and_at ON id, at FROM alone;
  CREATE SEQUENCE numbers; SELECT nextval('numbers');
  CREATE VIEW names AS SELECT name FROM people;
  CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM people;
  CREATE MATERIALIZED VIEW sums AS SELECT sum(id) FROM people;
  CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
  CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
  CREATE FUNCTION on_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER notes AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION on_row();
  CREATE RULE quiet AS ON DELETE TO alone DO INSTEAD NOTHING;
  ALTER TABLE alone ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON alone USING (id < 3);
  CREATE TABLE parts (day date PRIMARY KEY) PARTITION BY RANGE (day); CREATE TABLE part PARTITION OF parts DEFAULT;
  CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION secret() FROM PUBLIC;
  GRANT SELECT ON people TO PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
  COMMENT ON TABLE people IS 'persons'; CREATE EXTENSION pgcrypto; SELECT lo_from_bytea(16400, 'large');`

/** An entry of the dump (`-- Name: …; Type: …`), and the kind and name of what is lost with it. */
type Loss = readonly [entry: RegExp, kind: ObjectKind, name: string]

const losses: readonly Loss[] = [
  [/people_by_name; Type: INDEX/u, 'index', 'public.people_by_name'],
  [/alone_pkey; Type: CONSTRAINT/u, 'primary key', 'public.alone.alone_pkey'],
  [/Type: FK CONSTRAINT/u, 'foreign key', 'public.orders.orders_person_fkey'],
  [/orders_code_key; Type/u, 'unique constraint', 'public.orders.orders_code_key'],
  [/no_overlap; Type: /u, 'exclusion constraint', 'public.orders.no_overlap'],
  [/people notes; Type: TRIGGER/u, 'trigger', 'public.people.notes'],
  [/ names; Type: VIEW/u, 'view', 'public.names'],
  [/sums; Type: /u, 'materialized view', 'public.sums'],
  [/counts; Type: MATERIALIZED VIEW DATA/u, 'materialized view with data', 'public.counts'],
  [/numbers; Type: SEQUENCE/u, 'sequence', 'public.numbers'],
  [/people_id_seq; Type: SEQUENCE SET/u, 'value of sequence', 'public.people_id_seq'],
  [/Type: SEQUENCE OWNED BY/u, 'owned sequence', 'public.people_id_seq of public.people.id'],
  [/orders_id_seq; Type: SEQUENCE/u, 'identity column', 'public.orders.id'],
  [/people id; Type: DEFAULT/u, 'default of column', 'public.people.id'],
  [/f\(integer\); Type: FUNCTION/u, 'function', 'public.f(integer)'],
  [/p\(\); Type: PROCEDURE/u, 'procedure', 'public.p()'],
  [/Type: AGGREGATE/u, 'aggregate', 'public.total(integer)'],
  [/mood; Type: TYPE/u, 'type', 'public.mood'],
  [/short; Type: DOMAIN/u, 'domain', 'public.short'],
  [/Type: RULE/u, 'rule', 'public.alone.quiet'],
  [/Type: POLICY/u, 'policy', 'public.alone.few'],
  [/Type: ROW SECURITY/u, 'row-level security of', 'public.alone'],
  [/Type: INDEX ATTACH/u, 'inheritance', 'public.part.part_pkey of public.parts_pkey'],
  [/Type: (?:TABLE|INDEX) ATTACH/u, 'inheritance', 'public.part of public.parts'],
  [/TABLE people; Type: ACL/u, 'grant', 'SELECT on table public.people to PUBLIC'],
  [/secret\(\); Type: ACL/u, 'revoked right', 'EXECUTE on function public.secret() from PUBLIC'],
  [/Type: DEFAULT ACL/u, 'default privilege', 'SELECT on r of postgres in schema app to PUBLIC'],
  [/TABLE people; Type: COMMENT/u, 'comment', 'on table public.people'],
  [/Type: STATISTICS/u, 'statistics', 'public.id_and_at'],
  [/pgcrypto; Type: /u, 'extension', 'pgcrypto'],
  [/app; Type: SCHEMA|Type: DEFAULT ACL/u, 'schema', 'app'],
]

/** Each loss has a verification of its own with the long counts; else several share one. */
const together = Array.from({ length: count(3, losses.length) }, (_, at) =>
  losses.filter((__, index) => index % count(3, losses.length) === at),
)

const beginOfEntry = /(?=^--\n-- (?:Data for )?Name: )/mu
const afterLast = '--\n-- PostgreSQL database dump complete'

/** The dump without these entries, with all statements that belong to them. */
function without(sql: string, ...lost: readonly RegExp[]): string {
  const [before = '', after = ''] = sql.split(afterLast)
  const entries = before.split(beginOfEntry)
  const isLost = (text: string, entry: RegExp): boolean => entry.test(text.split('\n')[1] ?? '')
  for (const entry of lost) {
    if (!entries.some((text) => isLost(text, entry))) throw new Error(`No ${entry.source} in it.`)
  }
  const kept = entries.filter((text) => !lost.some((entry) => isLost(text, entry)))
  return kept.join('') + afterLast + after
}

describe('a verification', () => {
  let database: TestDatabase
  let here: BackedUp
  let whole: string

  beforeAll(async () => {
    database = await createDatabase(sharedPostgres(), undefined, sample)
    here = await backedUp(database)
    whole = await plainTextOf(here)
  })

  afterAll(async () => {
    await here[Symbol.asyncDispose]()
    await database.drop()
  })

  test('of a whole archive finds nothing, and tells what it has compared', async () => {
    const { status, stdout } = await verify(here)

    expect(status).toBe(0)
    expect(stdout).not.toContain('Exception')
    expect(stdout).toMatch(/^Objects Compared: 1 index, 4 primary keys, .* more objects$/mu)
  })

  test.each(together.map((group) => ({ group, kinds: group.map(([, kind]) => kind).join(', ') })))(
    'names each that an archive has lost: $kinds',
    async ({ group }) => {
      await forge(here, () => without(whole, ...group.map(([entry]) => entry)))

      const { verdict, differences } = await verdictOf(here)

      expect(verdict).toBe('failed')
      for (const [, kind, name] of group) {
        const isNamed = differences.some(
          (text) =>
            text === `${kind} ${name} is missing` ||
            (text.includes(`${objectKinds[kind]} are missing`) && text.includes(name)),
        )
        expect({ kind, name, isNamed, differences }).toMatchObject({ isNamed: true })
      }
    },
  )

  test('counts large objects', async () => {
    await forge(here, () => without(whole, /; Type: BLOB/u))

    const { verdict, differences } = await verdictOf(here)

    expect(verdict).toBe('failed')
    expect(differences).toContain('there are 0 large objects instead of 1')
  })

  test('names a lost owner, and who has it instead', async () => {
    await forge(here, () => whole.replace(/ALTER TABLE public\.names OWNER TO .*;\n/u, ''))

    const { verdict, differences } = await verdictOf(here)

    expect(verdict).toBe('failed')
    expect(differences).toEqual([
      'owner postgres of view public.names is missing',
      'owner backup-container: loader of view public.names was not in the database',
    ])
  })

  test('names a check that is gone from its table, and an index that nobody knows', async () => {
    await forge(here, () =>
      whole
        .replace(/,\n {4}CONSTRAINT has_name CHECK .*\n/u, '\n')
        .replace(afterLast, `CREATE INDEX strange ON public.alone (at);\n${afterLast}`),
    )

    const { verdict, differences } = await verdictOf(here)

    expect({ verdict, differences }).toEqual({
      verdict: 'failed',
      differences: [
        'index public.strange was not in the database',
        'check constraint public.people.has_name is missing',
      ],
    })
  })

  test('says nothing about objects to a manifest from before they were recorded', async () => {
    await forge(here, () => without(whole, /people_by_name; Type: INDEX/u))
    await changeManifest(here, ({ fingerprint, ...manifest }) => ({
      ...manifest,
      fingerprint: { ...fingerprint, objects: undefined },
    }))

    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })
})

describe('a database with awkward objects of every kind', () => {
  test.each(formats)('is verified without a false alarm, as %s', async (format) => {
    await using role = await createRole(sharedPostgres())
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `${awkwardRows};${awkwardRoutines};${awkwardObjects};${everyKind(quoted(role.user))}`,
    )
    await using here = await backedUp(database, { FORMAT: format })

    expect(await verdictOf(here)).toEqual({
      status: 0,
      verdict: 'verified-with-exceptions',
      differences: ['constraint public.late_check.late_check_i_check is NOT VALID, as dumped'],
    })
  })
})

describe('row-level security that is forced', () => {
  const kind = 'enabled, forced row-level security of'
  const sql = `CREATE TABLE forced (i int);
    ALTER TABLE forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE TABLE merely (i int); ALTER TABLE merely FORCE ROW LEVEL SECURITY`
  const unenabled = (dump: string): string =>
    dump.replace('ALTER TABLE public.forced ENABLE ROW LEVEL SECURITY;\n', '')

  test('is missed when it is no longer enabled', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sql)
    await using here = await backedUp(database)
    const whole = await verdictOf(here)
    await forge(here, unenabled)

    expect(whole).toEqual({ status: 0, verdict: 'verified', differences: [] })
    expect(await verdictOf(here)).toEqual({
      status: 1,
      verdict: 'failed',
      differences: [`${kind} public.forced is missing`],
    })
  })

  test('gives no false alarm to a manifest that does not tell', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sql)
    await using here = await backedUp(database)
    await changeManifest(here, ({ fingerprint, ...manifest }) => ({
      ...manifest,
      fingerprint: {
        ...fingerprint,
        objects: (fingerprint.objects ?? []).filter((one) => one.kind !== kind),
      },
    }))

    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })
})

describe('what only a superuser makes', () => {
  test('is named when it is lost', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER watches ON ddl_command_end EXECUTE FUNCTION on_ddl();
      CREATE TABLE t (i int); CREATE PUBLICATION chosen FOR TABLE t`,
    )
    await using here = await backedUp(database)
    await forge(here, (sql) => without(sql, /Type: EVENT TRIGGER/u, /Type: PUBLICATION TABLE/u))

    const { verdict, differences } = await verdictOf(here)

    expect({ verdict, differences }).toEqual({
      verdict: 'failed',
      differences: [
        'event trigger watches is missing',
        'owner postgres of event trigger watches is missing',
        'publication of public.t in chosen is missing',
      ],
    })
  })
})
