import { chmod } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { openCatalog } from '../../src/catalog/index.ts'
import { modesOf, systemClock } from '../../src/platform/index.ts'
import { neverAnswer, startReceiver } from '../support/http-receiver.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, environmentOf } from '../support/test-database.ts'
import { startInTerminal, type TerminalOptions } from '../support/tty.ts'
import { fakeBackup } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const green = '\u001B[32m'
const clearLine = '\r\u001B[J'

/** What a person sees of it, without what moves the cursor. */
function shownOf(output: string): string {
  return stripVTControlCharacters(output).replaceAll('\r', '')
}

/** How a site's command is run in a terminal. */
function inSite(here: Site, env: Readonly<Record<string, string>> = {}): TerminalOptions {
  const { superuser } = sharedPostgres()
  const all = { ...environmentOf(superuser), BACKUP_DIR: here.root, PGSSLMODE: 'disable', ...env }
  return { cwd: here.folder.path, env: all }
}

describe('in a terminal', () => {
  test('lines have colours, and none under NO_COLOR', async () => {
    await using here = await site(['127.0.0.1:1/app'])
    await using coloured = startInTerminal(['-c'], inSite(here))
    await using plain = startInTerminal(['-c'], inSite(here, { NO_COLOR: '1' }))
    await using unset = startInTerminal(['-c'], inSite(here, { NO_COLOR: '' }))

    const outputs = await Promise.all([coloured.done, plain.done, unset.done])

    expect(outputs.map(({ status }) => status)).toStrictEqual([0, 0, 0])
    const [inColour, inPlain, alsoInColour] = outputs.map(({ output }) => output)
    expect(inColour).toContain('\u001B[34mSettings:\u001B[0m')
    expect(inPlain).not.toContain('\u001B')
    expect(stripVTControlCharacters(inColour ?? '')).toBe(inPlain)
    expect(alsoInColour).toBe(inColour)
  })

  test('each dump that runs has a live line, and both are gone when they are done', async () => {
    await using two = await twoBehindProxies()
    const { here, proxies, specs } = two
    const env = { PARALLEL_BACKUPS: '2' }
    for (const proxy of proxies) proxy.stallAfter(1_000_000)
    await using terminal = startInTerminal(['-1'], { ...inSite(here, env), columns: 60, rows: 9 })

    const [one, other] = specs
    const size = '[\\d.]+ [KM]B[^\\n]*'
    const both = new RegExp(
      `${one}: ${size}\\n${other}: ${size}|${other}: ${size}\\n${one}: ${size}`,
      'u',
    )
    const [frame] = await waitUntil('two live lines of some size', () => {
      const shown = shownOf(terminal.output())
      // Each waits for the other: none of them may be done before both are seen.
      for (const [index, proxy] of proxies.entries()) {
        if (
          shown.includes(`${specs[index]}: `) &&
          !new RegExp(`${specs[index]}: ${size}`, 'u').test(shown)
        ) {
          proxy.resume()
          proxy.stallAfter(20_000)
        }
      }
      return both.exec(shown)
    })
    for (const proxy of proxies) proxy.resume()
    const { status, output } = await terminal.done

    expect(status).toBe(0)
    for (const line of frame.split('\n')) expect(line.trim().length).toBeLessThan(60)
    // Both were replaced in place, from the line above.
    expect(output).toContain('\u001B[1A\r\u001B[J')
    expect(output).toContain(`${clearLine}${green}Successfully backed up ${one}.`)
    const afterwards = output.slice(output.lastIndexOf('Elapsed time'))
    expect(afterwards).not.toContain(`${one}: `)
    expect(output.trimEnd().endsWith(`${green}Single backup run complete.\u001B[0m`)).toBe(true)
  })

  test('Ctrl-C removes the live lines for good, while the last notices still wait', async () => {
    await using hook = await startReceiver({ answer: neverAnswer })
    await using two = await twoBehindProxies()
    const { here, proxies } = two
    const env = { PARALLEL_BACKUPS: '2', WEBHOOK_URL: hook.url, WEBHOOK_TIMEOUT_SECONDS: '2' }
    for (const proxy of proxies) proxy.stallAfter(500_000)
    await using terminal = startInTerminal(['-1'], inSite(here, env))
    await terminal.waitFor(/: [\d.]+ K?B/u)

    terminal.type('\u0003')
    const { status, output } = await terminal.done

    expect(status).toBe(130)
    const end = output.slice(output.indexOf('[!!ERROR!!] - Ended by SIGINT'))
    expect(end).toContain('Waiting for notices to be delivered (at most 2 s) ...')
    expect(end).toContain('1 notice waits for another try')
    for (const drawn of ['\u001B[J', '\u001B[?7']) expect(end).not.toContain(drawn)
    expect(end.endsWith('\n')).toBe(true)
  })

  test('a live line is there from the beginning of a verification to its end', async () => {
    const rows =
      'CREATE TABLE t AS SELECT repeat(md5(i::text), 3) FROM generate_series(1, 600000) i'
    await using database = await createDatabase(sharedPostgres(), undefined, rows)
    await using here = await site([database.spec], environmentOf(sharedPostgres().superuser))
    expect((await here.run(['-1'])).status).toBe(0)
    await chmod(here.folder.path, 0o711)
    const env = { VERIFICATION_DIR: here.folder.join('verification') }
    await using terminal = startInTerminal(['-v', 'all'], { ...inSite(here, env), columns: 0 })

    await terminal.waitFor(/: getting ready \.\.\./u)
    const { status, output } = await terminal.done

    expect(status).toBe(0)
    // Rows that other programs send on their own count as well.
    expect(stripVTControlCharacters(output)).toMatch(
      /: \[#*-*\] \d+ % [\d.]+ MB of (?:about )?[\d.]+ MB/u,
    )
    expect(output).not.toContain('0 B/s')
    const afterwards = stripVTControlCharacters(output.slice(output.indexOf('Successfully')))
    expect(afterwards).not.toContain('getting ready')
  })

  test('no live line is drawn under NO_COLOR', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec])
    await using terminal = startInTerminal(['-1'], inSite(here, { NO_COLOR: '1' }))

    const { status, output } = await terminal.done

    expect(status).toBe(0)
    expect(output).not.toContain('\u001B')
    expect(output).not.toContain(`${database.spec}: `)
  })

  test('each deletion is asked for by its name, and only yes is yes', async () => {
    await using here = await withBackups()
    await using terminal = startInTerminal(['-p', '-f', 'app'], inSite(here))

    await terminal.waitFor(/Delete \S+2026-01-03\S+ \(\d+ B\)\? \[y\/N\] $/u)
    terminal.type('y\r')
    await terminal.waitFor(/Delete \S+2026-01-02\S+ \(\d+ B\)\? \[y\/N\] $/u)
    terminal.type('\r')
    await terminal.waitFor(/Delete \S+2026-01-01\S+ \(\d+ B\)\? \[y\/N\] $/u)
    terminal.type('no\r')
    const { status, output } = await terminal.done

    expect(status).toBe(0)
    expect(output).toMatch(/removed '\S+2026-01-03\S+'[^]*Delete \S+2026-01-02/u)
    expect(output).toMatch(/left '\S+2026-01-02\S+'[^]*left '\S+2026-01-01\S+'/u)
    expect((await here.backups()).map((path) => path.split('/')[0])).toStrictEqual([
      '2026-01-01',
      '2026-01-02',
    ])
  })

  test.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 0],
  ])(
    '%s at a question deletes nothing, and is no answer to the next',
    async (_key, key, expected) => {
      await using here = await withBackups()
      await using terminal = startInTerminal(['-p', '-f', 'app'], inSite(here))
      await terminal.waitFor(/\? \[y\/N\] $/u)

      terminal.type(key)

      expect((await terminal.done).status).toBe(expected)
      expect(await here.backups()).toHaveLength(3)
    },
  )

  test('what somebody begins to read while a question stands open is not deleted', async () => {
    await using here = await site(['127.0.0.1:1/app'])
    for (const day of [1, 2, 3]) {
      await fakeBackup(here.root, { core: '127.0.0.1-app', at: new Date(2026, 0, day, 1) })
    }
    const [oldest = ''] = await here.backups()
    await using terminal = startInTerminal(['-p', '-f', '2026-01-01'], inSite(here))
    await terminal.waitFor(/\? \[y\/N\] $/u)
    const { shields } = openCatalog(here.root, { modes: modesOf(0o077), clock: systemClock })
    await using _reader = await shields.hold(oldest)

    terminal.type('y\r')

    const { status, output } = await terminal.done
    expect(status).toBe(1)
    expect(output).toContain('being read right now')
    expect(await here.backups()).toHaveLength(3)
  })

  /** Two databases that a proxy can hold up in the middle of their dumps. */
  async function twoBehindProxies() {
    const server = sharedPostgres()
    await using stack = new AsyncDisposableStack()
    const rows =
      'CREATE TABLE t AS SELECT md5(i::text) || md5((i * 7)::text) FROM generate_series(1, 120000) i'
    const databases = [
      stack.use(await createDatabase(server, undefined, rows)),
      stack.use(await createDatabase(server, undefined, rows)),
    ]
    const proxies = [stack.use(await startTcpProxy(server)), stack.use(await startTcpProxy(server))]
    const specs = proxies.map(
      ({ host, port }, index) => `${host}:${port}/${databases[index]?.name}`,
    )
    const here = stack.use(await site(specs))
    const all = stack.move()
    return { proxies, specs, here, [Symbol.asyncDispose]: () => all.disposeAsync() }
  }

  /** Three backups of no configured database, which nothing protects. */
  async function withBackups(): Promise<Site> {
    const here = await site(['127.0.0.1:1/other'])
    for (const day of [1, 2, 3]) {
      await fakeBackup(here.root, { core: 'old-app', at: new Date(2026, 0, day, 1) })
    }
    return here
  }
})
