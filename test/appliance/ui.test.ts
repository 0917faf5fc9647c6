import { describe, expect, test } from 'vitest'
import { launcher } from '../support/appliance.ts'
import { startReceiver } from '../support/http-receiver.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import {
  createDatabase,
  environmentOf,
  quoted,
  specOf,
  uniqueName,
} from '../support/test-database.ts'
import { startTmux, type Tmux, type TmuxOptions } from '../support/tmux.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A terminal in which the interface of a site is open. */
async function openUi(
  here: Site,
  { env = {}, ...options }: TmuxOptions = {},
  flags = '',
): Promise<Tmux> {
  const terminal = await startTmux({
    cwd: here.folder.path,
    env: {
      ...environmentOf(sharedPostgres().superuser),
      BACKUP_DIR: here.root,
      VERIFICATION_DIR: here.folder.join('verification'),
      PGSSLMODE: 'disable',
      ...env,
    },
    ...options,
  })
  await terminal.type(`${launcher} --ui${flags}; echo "status $?"`)
  await terminal.press('Enter')
  // Who is in a hurry does not push the first frame aside.
  await terminal.type('kk')
  await terminal.waitFor(/^backup-container \[1 Overview\]/u)
  return terminal
}

/** Nothing of the interface is left: neither its screen nor its way to read keys. */
async function expectRestored(terminal: Tmux, status: number): Promise<string> {
  const screen = await terminal.waitFor(new RegExp(`status ${status}$`, 'mu'))
  expect(screen).not.toContain('[1 Overview]')
  expect(await terminal.modes()).toStrictEqual({ alternateScreen: false, cursor: true })
  await terminal.type('stty -a')
  await terminal.press('Enter')
  expect(await terminal.waitFor(/\bicanon\b[\s\S]* echo /u)).toMatch(/\bisig\b/u)
  return screen
}

describe('the interface on a terminal', () => {
  test('verifies and restores: the data is back', async () => {
    const server = sharedPostgres()
    const rows = 'CREATE TABLE t AS SELECT generate_series(1, 1000) i'
    await using database = await createDatabase(server, undefined, rows)
    await using here = await site([database.spec, '127.0.0.1:1/nowhere'])
    await here.run(['-1', '--only', database.spec])
    await using terminal = await openUi(here)

    const overview = await terminal.waitFor(/unverified .*db_/u)
    expect(overview).toMatch(/^ {2}never +127\.0\.0\.1:1\/nowhere/mu)
    await terminal.press('v')
    await terminal.waitFor(/Enter does it/u)
    await terminal.press('Enter')
    await terminal.waitFor(/1 of 1 backups verified/u)
    await terminal.press('Escape')
    await terminal.waitFor(/^> ok /mu)

    await database.psql('DELETE FROM t WHERE i > 10')
    await terminal.press('r')
    await terminal.waitFor(/Choose the backup/u)
    await terminal.press('r')
    await terminal.waitFor(/Restore to /u)
    await terminal.press('Enter')
    await terminal.waitFor(/This can be done:/u)
    await terminal.resize(130, 40)
    expect(await terminal.waitFor(/This can be done:/u)).toContain('Restore to')
    await terminal.press('Enter')
    await terminal.waitFor(/Type db_\w+ and Enter/u)
    await terminal.resize(60, 20)
    await terminal.type('db_wrong')
    await terminal.press('Enter')
    await terminal.waitFor(/Type exactly: db_/u)
    expect(await database.psql('SELECT count(*) FROM t')).toBe('10')
    await terminal.press('C-u')
    await terminal.type(database.name)
    await terminal.press('Enter')
    await terminal.waitFor(/Succeeded after/u)

    expect(await database.psql('SELECT count(*) FROM t')).toBe('1000')
    await terminal.resize(80, 24)
    await terminal.press('3')
    expect(await terminal.waitFor(/restore +succeeded/u)).toMatch(/verify +succeeded/u)
    await terminal.press('q')
    await expectRestored(terminal, 0)
    expect((await here.runs()).map(({ verb, result }) => `${verb} ${result}`)).toStrictEqual([
      'back-up succeeded',
      'verify succeeded',
      'restore succeeded',
    ])
  })

  test('shows a name of 63 bytes in wide characters without a colour, and tells people', async () => {
    const server = sharedPostgres()
    await using hook = await startReceiver()
    const name = '語'.repeat(17) + uniqueName('x')
    expect(Buffer.byteLength(name)).toBe(63)
    await using database = await createDatabase(server, name, 'CREATE TABLE t AS SELECT 1 AS i')
    await using here = await site([`postgres=${server.host}:${server.port}/${name}`])
    const env = { NO_COLOR: '1', WEBHOOK_URL: `${hook.url}/secret-of-the-hook` }
    await using terminal = await openUi(
      here,
      { env },
      ` --only ${quoted(`${server.host}/${name}`)}`,
    )

    await terminal.waitFor(/never +postgres=/u)
    await terminal.press('b')
    await terminal.waitFor(/Enter does it/u)
    await terminal.press('Enter')
    await terminal.waitFor(/1 of 1 databases backed up/u)
    await terminal.press('Escape')
    const screen = await terminal.waitFor(/unverified +postgres=\S+語\S+ +\d+ s +\d+ B/u)

    expect(screen.trimEnd().split('\n').length).toBeLessThanOrEqual(24)
    expect(await terminal.screen({ escapes: true })).not.toContain('\u001B')
    expect(await database.psql('SELECT count(*) FROM t')).toBe('1')
    const told = hook.received.map(({ body }) => decodeURIComponent(body)).join('')
    expect(told).toContain(`Successfully backed up postgres=${server.host}:${server.port}/${name}`)
    await terminal.press('4', '/')
    await terminal.type('webhook_url')
    await terminal.press('Enter')
    expect(await terminal.waitFor(/> WEBHOOK_URL +/u)).not.toContain('secret-of-the-hook')
    await terminal.press('C-c')
    await expectRestored(terminal, 0)
  })

  test('cancels cleanly, names who holds the lock, and gives the terminal back on SIGTERM', async () => {
    const server = sharedPostgres()
    const rows =
      'CREATE TABLE t AS SELECT md5(i::text) || md5((i * 7)::text) FROM generate_series(1, 200000) i'
    await using database = await createDatabase(server, undefined, rows)
    await using proxy = await startTcpProxy(server)
    const spec = specOf(proxy, database.name)
    await using here = await site([spec])
    await using terminal = await openUi(here, { columns: 100, rows: 30 })
    proxy.stallAfter(1_000_000)

    await terminal.press('b', 'Enter')
    await terminal.waitFor(/Running for .*[\s\S]*[\d.]+ [KM]?B, /u)
    // Somebody else looks meanwhile, and wants to write.
    await using other = await openUi(here)
    await other.waitFor(/Lock +held for .* by backup\.sh --ui, as backup\.sh -1/u)
    await other.press('b')
    await other.waitFor(/is held by/u)
    await other.press('Enter')
    await other.waitFor(/Another run holds the lock/u)
    // The picture follows the operation of one's own as well.
    await terminal.press('Escape')
    await terminal.waitFor(/Lock +held for .* as backup\.sh -1[\s\S]*^> running /mu, 9_000)
    await terminal.press('5')
    await terminal.waitFor(/Running for/u)
    await terminal.press('q')
    await terminal.waitFor(/Something is still running/u)
    await terminal.press('Escape', 'x')
    await terminal.waitFor(/y cancels it cleanly/u)
    await terminal.press('y')
    await terminal.waitFor(/Cancelled after[\s\S]*nothing half-done stays/u)
    expect(await here.files()).toStrictEqual([])

    await other.press('Escape')
    await other.waitFor(/Enter open/u)
    await other.press('b', 'Enter')
    await other.waitFor(/Running for/u)
    const [run] = (await here.runs()).filter(({ endedAt }) => endedAt === null)
    process.kill(run?.pid ?? 0, 'SIGTERM')
    const screen = await expectRestored(other, 143)
    expect(screen).toContain('Ended by SIGTERM.')
    expect(await here.files()).toStrictEqual([])
    await terminal.press('q')
    const left = await expectRestored(terminal, 0)
    expect(left.replaceAll('\n', '')).toMatch(/Back up .*: cancelled, and nothing half-done stays/u)
  })

  test('ends what goes on when its terminal is closed', async () => {
    const server = sharedPostgres()
    const rows = 'CREATE TABLE t AS SELECT md5(i::text) FROM generate_series(1, 200000) i'
    await using database = await createDatabase(server, undefined, rows)
    await using proxy = await startTcpProxy(server)
    await using here = await site([specOf(proxy, database.name)])
    await using terminal = await openUi(here)
    proxy.stallAfter(500_000)

    await terminal.press('b', 'Enter')
    await terminal.waitFor(/Running for .*[\s\S]*[\d.]+ [KM]?B, /u)
    await terminal.close()

    const [ended] = await waitUntil('the end of the run', async () => {
      const runs = await here.runs()
      return runs.every(({ endedAt }) => endedAt !== null) ? runs : null
    })
    expect(ended?.result).toBe('interrupted')
    expect(await here.files()).toStrictEqual([])
  })

  test('gives the terminal back when it has a defect, and shows it', async () => {
    await using here = await site(['127.0.0.1:1/app'])
    const late = 'setTimeout(() => { throw new Error("boom") }, 1500)'
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(late)}`
    await using terminal = await openUi(here, { env: { NODE_OPTIONS } })

    const screen = await expectRestored(terminal, 70)

    expect(screen).toContain('A defect of backup-container')
    expect(screen).toContain('boom')
  })

  test('says in one line which flag to use where there is no terminal', async () => {
    await using here = await site(['127.0.0.1:1/app'])

    const { status, stdout, stderr } = await here.run(['--ui'])

    expect({ status, stdout }).toStrictEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]*--ui needs a terminal[^\n]*--status[^\n]*\n$/u)
    const other = await here.run(['--ui', '-1'])
    expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining('does not go with') })
    expect(await here.files()).toStrictEqual([])
  })
})
