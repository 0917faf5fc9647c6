import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, specOf } from '../support/test-database.ts'
import { waitUntil } from '../support/wait-until.ts'

const megabytes = (count: number) =>
  `CREATE TABLE big AS SELECT i, md5(i::text) || md5((i * 7)::text) AS t FROM generate_series(1, ${count * 14_000}) AS i`

const logOf = (here: Site) => here.folder.join('termination-log')

/** A site whose runs find a file for their last word, as in a pod. */
async function pod(lines: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const here = await site(lines, env)
  await writeFile(logOf(here), 'of the run before')
  return {
    here,
    run: (args: readonly string[], more = {}) =>
      here.run(args, { env: { TERMINATION_LOG: logOf(here), ...more } }),
    word: () => readFile(logOf(here), 'utf8'),
    [Symbol.asyncDispose]: () => here[Symbol.asyncDispose](),
  }
}

describe('the termination message', () => {
  test('of a good run says how many', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using at = await pod([database.spec])

    expect((await at.run(['-1'])).status).toBe(0)

    expect(await at.word()).toBe('1 of 1 backed up.\n')
  })

  test('of a run with a failure names the database, the reason and what to do', async () => {
    await using database = await createDatabase(sharedPostgres())
    const missing = specOf(sharedPostgres(), 'not_there')
    await using at = await pod([database.spec, missing])

    expect((await at.run(['-1'])).status).toBe(1)

    const word = await at.word()
    expect(word).toMatch(/^Failed: 1 of 2\.$/mu)
    expect(word).toContain(`${missing}: `)
    expect(word).toContain('The server has no database of that name')
  })

  test('of a configuration that is wrong says where', async () => {
    await using at = await pod(['db/app', '0 25 * * * default ./backup.sh -s'])

    expect((await at.run(['-1'])).status).toBe(2)

    expect(await at.word()).toContain('backup.conf:2: "25" is no hour')
  })

  test('of wrong usage says what', async () => {
    await using at = await pod(['db/app'])

    expect((await at.run(['-1', 'word'])).status).toBe(2)

    expect(await at.word()).toContain('"word" belongs to no flag')
  })

  test('is left alone by commands that only show something', async () => {
    await using at = await pod(['db/app'])

    await at.run(['-c'])
    await at.run(['--status'])

    expect(await at.word()).toBe('of the run before')
  })

  test('is left to the service by the runs that it starts', async () => {
    await using at = await pod(['db/app'])

    await at.run(['-1'], { BACKUP_JOB: '0 1 * * * ./backup.sh -1', BACKUP_TRIGGER: 'schedule' })

    expect(await at.word()).toBe('of the run before')
  })

  test('makes no file where there is none', async () => {
    await using here = await site(['127.0.0.1:1/app'])

    const { stderr } = await here.run(['-1'], { env: { TERMINATION_LOG: logOf(here) } })

    expect(existsSync(logOf(here))).toBe(false)
    expect(stderr).not.toContain('message for Kubernetes')
  })
})

test('a deadline of the Job ends the run with its status, word and record, and no partial file', async () => {
  await using database = await createDatabase(sharedPostgres(), undefined, megabytes(20))
  await using proxy = await startTcpProxy(sharedPostgres())
  const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
  await using at = await pod([spec], { PGSSLMODE: 'disable' })
  proxy.stallAfter(8_000_000)
  await using run = at.here.start(['-1'], { env: { TERMINATION_LOG: logOf(at.here) } })
  await waitUntil('a partial file', async () => (await at.here.files()).length > 0)

  run.kill('SIGTERM')

  expect((await run.done).status).toBe(143)
  expect(await at.word()).toMatch(/^Ended by SIGTERM\./u)
  expect(await at.here.files()).toEqual([])
  expect((await at.here.runs()).at(-1)).toMatchObject({ result: 'interrupted' })
})

test('of two processes on one volume, one waits for the other', async () => {
  await using database = await createDatabase(sharedPostgres(), undefined, megabytes(20))
  await using proxy = await startTcpProxy(sharedPostgres())
  const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
  await using here = await site([spec], { PGSSLMODE: 'disable' })
  proxy.stallAfter(8_000_000)
  await using first = here.start(['-s'])
  await waitUntil('a partial file', async () => (await here.files()).length > 0)
  await using second = here.start(['-s'])
  await second.waitFor(/Another run holds the lock: backup\.sh -s .*; waiting for it to end/u)
  expect(await here.backups()).toEqual([])

  proxy.resume()

  expect([(await first.done).status, (await second.done).status]).toEqual([0, 0])
  expect(await here.backups()).toHaveLength(2)
  const [one, other] = await here.runs()
  expect(one?.endedAt).not.toBeNull()
  expect(String(other?.startedAt) >= String(one?.endedAt)).toBe(true)
})
