import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formats } from '../../src/model/index.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { createDatabase, createRole, quoted, type TestDatabase } from '../support/test-database.ts'
import {
  type BackedUp,
  backedUp,
  changeManifest,
  forge,
  plainTextOf,
  verdictOf,
} from '../support/verifying.ts'
import { readManifest } from '../support/volume.ts'

/** One of several chunks, one with a hole, one that is empty: 2500000 + 3000005 + 0 bytes. */
const sample = `CREATE TABLE t (i int);
  SELECT lo_from_bytea(16400, decode(repeat('6162', 1250000), 'hex')), lo_create(16402);
  SELECT lo_from_bytea(16401, 'small'); SELECT lo_put(16401, 3000000, '12345')`
const bytes = 2_500_000 + 3_000_005

describe('the content of large objects', () => {
  let database: TestDatabase
  let here: BackedUp
  let whole: string

  beforeAll(async () => {
    database = await createDatabase(sharedPostgres(), undefined, sample)
    here = await backedUp(database, { FINGERPRINT: 'content' })
    whole = await plainTextOf(here)
  })

  afterAll(async () => {
    await here[Symbol.asyncDispose]()
    await database.drop()
  })

  test('is measured in the dump’s snapshot, and found again', async () => {
    const { fingerprint } = await readManifest(here.root, here.path)

    expect(fingerprint.largeObjects).toMatchObject({ bytes, digest: expect.any(String) })
    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })

  test('is missed when it is lost', async () => {
    await forge(here, () => whole.replaceAll(/^SELECT pg_catalog\.lowrite\(.*\n/gmu, ''))

    expect(await verdictOf(here)).toEqual({
      status: 1,
      verdict: 'failed',
      differences: [`large objects have 0 bytes instead of ${bytes}`],
    })
  })

  test('is compared with FINGERPRINT=content, and not by a manifest that lacks it', async () => {
    await forge(here, () =>
      whole.replace(String.raw`lowrite(0, '\x6162`, String.raw`lowrite(0, '\x6163`),
    )
    const differing = await verdictOf(here)
    await changeManifest(here, ({ fingerprint, ...manifest }) => ({
      ...manifest,
      verifications: [],
      fingerprint: { ...fingerprint, largeObjects: undefined },
    }))
    const older = await verdictOf(here)

    expect(differing.differences).toEqual([
      'large objects have as many bytes, but their content differs',
    ])
    expect(older).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })
})

test.each(formats)('a user who is no superuser has them measured, as %s', async (format) => {
  const server = sharedPostgres()
  await using role = await createRole(server)
  await using database = await createDatabase(server)
  await database.psql(`ALTER DATABASE ${quoted(database.name)} OWNER TO ${quoted(role.user)}`)
  await database.psql(
    `CREATE SCHEMA s; CREATE TABLE s.t (i int); ${sample.replace('TABLE t', 'TABLE s.u')}`,
    role,
  )
  await using here = await backedUp(database, { FORMAT: format, ...role.environment })
  const { fingerprint } = await readManifest(here.root, here.path)

  expect(fingerprint).toMatchObject({ largeObjects: { bytes }, problem: null })
  expect(await verdictOf(here, role.environment)).toMatchObject({ verdict: 'verified' })
  await database.drop()
})
