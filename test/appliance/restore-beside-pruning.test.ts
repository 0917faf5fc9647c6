import { expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { createDatabase, createRole, uniqueName } from '../support/test-database.ts'

test('pruning leaves the backup alone that a restore reads, and takes it afterwards', async () => {
  const server = sharedPostgres()
  const goOn = uniqueName('go_on')
  await using database = await createDatabase(
    server,
    undefined,
    `CREATE TABLE t AS SELECT generate_series(1, 10) AS i;
    CREATE FUNCTION wait_in_restores() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
      WHILE current_database() LIKE '%\\_restoring\\_%'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${goOn}')
      LOOP PERFORM pg_catalog.pg_sleep(0.02); END LOOP;
      RETURN 1; END $$;
    CREATE MATERIALIZED VIEW waits AS SELECT wait_in_restores()`,
  )
  await using here = await site([database.spec], { NUM_BACKUPS: '5' })
  for (const rows of [1, 2]) {
    await database.psql(`INSERT INTO t SELECT ${rows}`)
    expect(await here.run(['-1'])).toMatchObject({ status: 0 })
  }
  const [oldest = '', newest = ''] = await here.backups()
  await using restoring = here.start(['-r', database.spec, '-f', oldest, '--yes'])
  await expect
    .poll(
      () =>
        server.psql(
          'postgres',
          `SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '${database.name}_restoring%' AND wait_event = 'PgSleep'`,
        ),
      { timeout: 15_000 },
    )
    .toBe('1')

  const during = await here.run(['-p'], { env: { NUM_BACKUPS: '1' } })

  expect(during.status).toBe(0)
  expect(await here.backups()).toEqual([oldest, newest])
  await using _role = await createRole(server, { user: goOn })
  expect((await restoring.done).status).toBe(0)
  expect(await database.psql('SELECT count(*) FROM t')).toBe('11')
  const afterwards = await here.run(['-p'], { env: { NUM_BACKUPS: '1' } })
  expect(afterwards.status).toBe(0)
  expect(await here.backups()).toEqual([newest])
})
