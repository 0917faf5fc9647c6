import { describe, expect, test } from 'vitest'
import { formats } from '../../src/model/index.ts'
import { count } from '../support/counts.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { createDatabase } from '../support/test-database.ts'
import { backedUp, forge, plainTextOf, verdictOf, verify } from '../support/verifying.ts'

/** The hash of an enum depends on OIDs: in another database, rows go to other partitions. */
const hashedEnum = `
  CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd');
  CREATE TABLE whole (m mood, t text, d int) PARTITION BY LIST (d);
  CREATE TABLE direct PARTITION OF whole FOR VALUES IN (1);
  CREATE TABLE hashed PARTITION OF whole FOR VALUES IN (2) PARTITION BY HASH (m);
  CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  INSERT INTO whole SELECT (ARRAY['a', 'b', 'c', 'd'])[1 + i % 4]::mood, md5(i::text), 1 + i % 2
    FROM generate_series(1, 999) i;
  INSERT INTO whole SELECT m::mood, n::text, 2 FROM generate_series(1, 1000) n,
    unnest(ARRAY['a', 'b', 'c', 'd']) m WHERE n % 7 < ascii(m) - 96`

/** Moves partitions of the restored database for certain, whatever the OIDs are. */
function otherOids(sql: string): string {
  const others = Array.from({ length: 7 }, (_, i) => `CREATE TYPE public.o${i} AS ENUM ('a','b');`)
  const drops = others.map((_, i) => `DROP TYPE public.o${i};`)
  return sql.replace(/^CREATE TYPE public\.mood/mu, `${[...others, ...drops].join('\n')}\n$&`)
}

/** The short run has each of both once or more, the long one all pairs. */
const pairs = formats.flatMap((format) => ['rows', 'content'].map((mode) => ({ format, mode })))
const some = pairs.filter((_pair, index) => [1, 2, 4].includes(index))

describe('a tree that is partitioned by the hash of an enum', () => {
  test.each(count(some, pairs))(
    'is verified by its sum, as $format with FINGERPRINT=$mode',
    async ({ format, mode }) => {
      await using database = await createDatabase(sharedPostgres(), undefined, hashedEnum)
      await using here = await backedUp(database, { FORMAT: format, FINGERPRINT: mode })
      if (format === 'plain') await forge(here, otherOids)

      expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
      const { stdout } = await verify(here)
      expect(stdout).toMatch(/^Rows Compared: \d+ in 3 tables$/mu)
    },
  )

  test('fails for a lost row and for a changed one', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, hashedEnum)
    await using here = await backedUp(database, { FINGERPRINT: 'content' })
    const whole = await plainTextOf(here)
    const row = /^[abcd]\t[0-9a-f]{32}\t2\n/mu
    expect(whole).toMatch(row)

    await forge(here, () => whole.replace(row, ''))
    const lost = await verdictOf(here)
    await forge(here, () => whole.replace(row, 'a\tother\t2\n'))
    const changed = await verdictOf(here)

    expect(lost.verdict).toBe('failed')
    expect(lost.differences.join()).toMatch(/^table public\.whole has \d+ rows instead of \d+$/u)
    expect(changed.differences).toEqual([
      'table public.whole has as many rows, but their content differs',
    ])
  })
})

test('an archive of --load-via-partition-root has each row once', async () => {
  const sql = `CREATE TABLE parts (i int) PARTITION BY HASH (i); CREATE TABLE alone AS SELECT 1 AS i;
    CREATE TABLE part_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE part_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    INSERT INTO parts SELECT generate_series(1, 100)`
  await using database = await createDatabase(sharedPostgres(), undefined, sql)
  await using here = await backedUp(database)
  await forge(here, (dump) => dump.replaceAll(/^COPY public\.part_\d /gmu, 'COPY public.parts '))

  const { status, stdout } = await verify(here)

  expect(status).toBe(0)
  expect(stdout).toContain('Rows Compared: 101 in 3 tables')
})
