import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, createRole, quoted, uniqueName } from '../support/test-database.ts'
import { waitUntil } from '../support/wait-until.ts'

describe('D-27: superusers and roles of any name never break a verification (#83, #132, #151)', () => {
  test.each([
    ['postgres itself', 'postgres'],
    ['another superuser', uniqueName('Super User')],
    ['one with the name of ours', 'backup-container: loader'],
  ])('%s', async (_what, user) => {
    const server = sharedPostgres()
    const isOwn = user !== server.superuser.user
    await using role = isOwn ? await createRole(server, { user, attributes: 'SUPERUSER' }) : null
    await using database = await createDatabase(
      server,
      undefined,
      `CREATE TABLE t AS SELECT 1 AS i; ALTER TABLE t OWNER TO ${quoted(user)}`,
    )
    await using here = await site([database.spec], role?.environment ?? {})
    await chmod(here.folder.path, 0o711)
    expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })

    const { status, stdout } = await here.run(['-v', 'all', '--json'], {
      env: { VERIFICATION_DIR: here.folder.join('verification') },
    })

    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ verdict: 'verified', differences: [] }],
    })
    expect(status).toBe(0)
    await database.drop()
  })
})

test('D-32: a dump in the making takes no more room on the volume than its archive', async () => {
  const server = sharedPostgres()
  await using database = await createDatabase(
    server,
    undefined,
    "CREATE TABLE t AS SELECT repeat('a', 1000) AS x FROM generate_series(1, 20000)",
  )
  await using proxy = await startTcpProxy(server)
  const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
  await using here = await site([spec], { PGSSLMODE: 'disable' })
  proxy.stallAfter(15_000_000)
  await using running = here.start(['-1'])
  await waitUntil('most of the dump to have passed', () => proxy.bytes >= 15_000_000)

  const files = await here.files()
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(here.root, file))).size),
  )

  expect(files).toHaveLength(1)
  expect(Math.max(...sizes)).toBeLessThan(1_500_000)
  proxy.resume()
  expect((await running.done).status).toBe(0)
})
