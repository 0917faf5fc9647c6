import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { makeAuthority } from '../support/certificates.ts'
import { startConnectProxy } from '../support/connect-proxy.ts'
import {
  answerWith,
  type HttpReceiver,
  neverAnswer,
  type Received,
  startReceiver,
} from '../support/http-receiver.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { readEmail, startSmtpServer } from '../support/smtp-server.ts'
import { startBlackHole } from '../support/tcp-proxy.ts'
import { createDatabase } from '../support/test-database.ts'

interface Told {
  readonly statusCode: string
  readonly message: string
}

const toldBy = ({ received }: HttpReceiver): readonly Told[] =>
  received.map(({ body }: Received) => JSON.parse(body) as Told)

const table = 'CREATE TABLE t AS SELECT generate_series(1, 100) i'

describe('notices', () => {
  test('a hook that never answers holds up a cycle of five by its timeout, and gets all later', async () => {
    await using hook = await startReceiver({ answer: neverAnswer })
    await using database = await createDatabase(sharedPostgres(), undefined, table)
    const absent = ['none1', 'none2', 'none3', 'none4'].map((name) =>
      database.spec.replace(database.name, name),
    )
    await using here = await site([database.spec, ...absent], {
      WEBHOOK_URL: `${hook.url}/secret-of-the-hook`,
      WEBHOOK_FORMAT: 'json',
      WEBHOOK_TIMEOUT_SECONDS: '2',
    })
    const outbox = here.folder.join('backups', '.catalog', 'outbox')

    await using cycle = here.start(['-1'])
    await cycle.waitFor(/Failed to backup [^\n]*none4[^]*Elapsed time/u)
    const begun = performance.now()
    const { status, stderr } = await cycle.done

    expect(status).toBe(1)
    // One after the other, five notices would have taken ten seconds.
    expect(performance.now() - begun).toBeLessThan(8_000)
    const names = await readdir(outbox)
    const kept = await Promise.all(names.map((name) => readFile(`${outbox}/${name}`, 'utf8')))
    expect(kept.length).toBeGreaterThanOrEqual(5)
    expect(kept.join('\n') + stderr).not.toContain('secret-of-the-hook')
    const told = stderr.match(/^.*WEBHOOK_URL: \d+ notices? .*$/gmu)
    expect(told).toStrictEqual([
      expect.stringMatching(
        /notices wait for another try\. WEBHOOK_URL did not answer\. No answer within 2 s/u,
      ),
    ])
    expect(told?.[0]).toContain(`WEBHOOK_URL: ${kept.length} notices`)

    hook.answer(answerWith(200))
    const before = hook.received.length
    const next = await here.run(['-1', '--only', database.spec])

    expect(next.status).toBe(0)
    const later = toldBy(hook).slice(before)
    expect(later.map(({ message }) => message).join('\n')).toContain('Failed to backup')
    expect(later.filter(({ statusCode }) => statusCode === 'ERROR')).toHaveLength(4)
    expect(later.at(-1)?.message).toContain(`Successfully backed up ${database.spec}.`)
    expect(await readdir(outbox)).toStrictEqual([])
  })

  test('each channel has its own last wait: e-mail of a slow server goes out in its run', async () => {
    await using hook = await startReceiver({ answer: neverAnswer })
    await using mail = await startSmtpServer({ certificate: null, delayMs: 2_000 })
    await using here = await site(['127.0.0.1:1/app'], {
      WEBHOOK_URL: hook.url,
      WEBHOOK_TIMEOUT_SECONDS: '1',
      SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      EMAIL_TLS: 'off',
      EMAIL_FROM: 'backup@example.org',
      EMAIL_TO: 'ops@example.org',
      NOTIFY_SUMMARY: 'true',
    })

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(mail.received.map((email) => readEmail(email).headers['subject'])).toStrictEqual([
      'ERROR Backup cycle: 1 of 1 failed',
    ])
    expect(stderr.match(/\] - .* for another try.*/gu)).toStrictEqual([
      expect.stringMatching(/WEBHOOK_URL: 1 notice waits/u),
    ])
    expect(await readdir(here.folder.join('backups', '.catalog', 'outbox'))).toHaveLength(1)
  })

  test('one summary for a cycle, and pings that say how it began and ended', async () => {
    await using hook = await startReceiver()
    await using check = await startReceiver()
    await using database = await createDatabase(sharedPostgres(), undefined, table)
    await using here = await site([database.spec, database.spec.replace(database.name, 'none')], {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'structured',
      NOTIFY_SUMMARY: 'true',
      PING_START_URL: `${check.url}/start`,
      PING_URL: `${check.url}/good`,
      PING_FAIL_URL: `${check.url}/fail`,
    })

    const bad = await here.run(['-1'])
    const good = await here.run(['-1', '--only', database.spec])

    expect([bad.status, good.status]).toStrictEqual([1, 0])
    expect(check.received.map(({ path }) => path)).toStrictEqual([
      '/start',
      '/fail',
      '/start',
      '/good',
    ])
    expect(hook.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { event: 'cycle', status: 'failed', databases: [{ ok: true }, { ok: false }] },
      { event: 'cycle', status: 'success', databases: [{ ok: true }] },
    ])
  })

  test('a run that is interrupted is no success, and names what it did not do', async () => {
    await using hook = await startReceiver()
    await using silent = await startBlackHole()
    const specs = ['one', 'two', 'three'].map((name) => `127.0.0.1:${silent.port}/${name}`)
    await using here = await site(specs, {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'structured',
      NOTIFY_SUMMARY: 'true',
    })
    await using cycle = here.start(['-1'])
    await cycle.waitFor(/Backing up/u)
    cycle.kill('SIGINT')

    const { status } = await cycle.done

    expect(status).toBe(130)
    expect(hook.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      {
        event: 'cycle',
        status: 'failed',
        message: expect.stringMatching(/^Backup cycle: interrupted: 0 of 3 databases done\.\nNOT/u),
        databases: specs.map((spec) => ({ spec, ok: false })),
      },
    ])
  })

  test('a table that loses its rows is named', async () => {
    await using hook = await startReceiver()
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `${table}; CREATE TABLE large AS SELECT generate_series(1, 1000) i`,
    )
    await using here = await site([database.spec], {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'json',
      WEBHOOK_LEVEL: 'WARN',
    })
    await here.run(['-1'])
    await database.psql('DELETE FROM t WHERE i > 40')

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(0)
    expect(stderr).toContain('Rows that went: public.t 100 to 40.')
    expect(toldBy(hook)).toMatchObject([{ statusCode: 'WARN' }])
    expect(toldBy(hook)[0]?.message).toContain('public.t 100 to 40')

    await database.psql('DELETE FROM large WHERE i > 100')
    await here.run(['-1'])
    await here.run(['-1'])

    const [, ...later] = toldBy(hook).map(({ message }) => message)
    expect(later).toHaveLength(2)
    const [fall = '', again = ''] = later
    expect(fall).toContain('Rows that went: public.large 1000 to 100.')
    // The same two backups, in every run.
    expect(again).toContain('Rows that went: public.large 1000 to 100.')
    const named = / than (?<path>\S+), which/u
    expect(named.exec(again)?.groups?.['path']).toBe(named.exec(fall)?.groups?.['path'])
  })

  test('a mistake in the configuration is told where notices still can be', async () => {
    await using hook = await startReceiver()
    await using here = await site(['postgres=db/app', 'this is no line'], {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'structured',
    })

    const { status } = await here.run(['-s'])

    expect(status).toBe(2)
    expect(hook.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { event: 'configuration-error', status: 'failed', level: 'ERROR' },
    ])
    expect(await here.files()).toStrictEqual([])
  })

  test('what is mistyped is told to nobody; what fails names its database', async () => {
    await using hook = await startReceiver()
    const variables = {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'structured',
      PING_START_URL: `${hook.url}/start`,
      PING_FAIL_URL: `${hook.url}/fail`,
    }
    await using here = await site(['localhost:1/app', 'localhost:1/other'], variables)
    const restore = ['-r', 'localhost:1/app', '-f', 'nosuchfile']

    const mistyped = await here.run(['-1', '--only', 'nonono'])
    const unanswered = await here.run(restore)
    const before = hook.received.length
    const scheduled = await here.run(['-s', '--only', 'nonono'])
    const failed = await here.run([...restore, '--yes'])

    expect([mistyped.status, unanswered.status, before]).toStrictEqual([2, 2, 0])
    expect([scheduled.status, failed.status]).toStrictEqual([2, 1])
    const pings = hook.received.filter(({ method }) => method === 'GET')
    const notices = hook.received.filter(({ method }) => method !== 'GET')
    expect(pings.map(({ path }) => path)).toStrictEqual(['/fail'])
    expect(notices.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { event: 'configuration-error' },
      { event: 'restore-failed', spec: 'localhost:1/app', dbType: 'postgres', host: 'localhost' },
    ])
  })

  test('a mistake about one channel is told by the others', async () => {
    await using hook = await startReceiver()
    await using here = await site(['postgres=db/app'], {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'json',
      SMTP_URL: 'smtp://mail.example.org',
    })

    const { status } = await here.run(['-s'])

    expect(status).toBe(2)
    const [notice, ...others] = toldBy(hook)
    expect(others).toStrictEqual([])
    expect(notice).toMatchObject({ statusCode: 'ERROR' })
    expect(notice?.message).toMatch(/a mistake\.\nSMTP_URL: .*EMAIL_FROM, EMAIL_TO is not/u)
  })

  test('HTTPS goes through a tunnel of HTTPS_PROXY, trusted by NODE_EXTRA_CA_CERTS', async () => {
    const authority = await makeAuthority()
    const files = await authority.issue('hook')
    const tls = {
      key: await readFile(files.key, 'utf8'),
      cert: await readFile(files.certificate, 'utf8'),
    }
    await using proxy = await startConnectProxy()
    await using far = await startReceiver({ tls })
    await using near = await startReceiver({ tls })
    const variables = {
      WEBHOOK_URL: far.url,
      WEBHOOK_URL_2: near.url,
      HTTPS_PROXY: proxy.url,
      NO_PROXY: new URL(near.url).host,
    }
    await using here = await site(['postgres=db/app'], variables)

    const distrusted = await here.run(['--test-notify'])
    const refused = [far.received.length, near.received.length]
    const env = { NODE_EXTRA_CA_CERTS: authority.certificate }
    const trusted = await here.run(['--test-notify'], { env })

    expect([distrusted.status, trusted.status]).toStrictEqual([1, 0])
    expect(refused).toStrictEqual([0, 0])
    expect(distrusted.stderr).toMatch(
      /certificate of WEBHOOK_URL is not trusted\. \S+\. Set NODE_EX/u,
    )
    expect([far.received.length, near.received.length]).toStrictEqual([3, 3])
    expect(new Set(proxy.tunnels)).toStrictEqual(new Set([new URL(far.url).host]))
  })

  test('--test-notify asks every channel, and says what each answered', async () => {
    await using good = await startReceiver()
    await using bad = await startReceiver({ answer: answerWith(403) })
    await using here = await site(['postgres=db/app'], {
      WEBHOOK_URL: good.url,
      WEBHOOK_LEVEL: 'WARN',
      WEBHOOK_URL_2: `${bad.url}/secret-of-the-hook`,
      PGDUTY_URL: good.url,
      PGDUTY_SVC_KEY: 'unmistakable-key',
    })

    const { status, stdout, stderr } = await here.run(['--test-notify'])

    expect(status).toBe(1)
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'WEBHOOK_URL INFO: delivered (a test only: it is told from WARN on).',
        'WEBHOOK_URL WARN: delivered.',
        'WEBHOOK_URL ERROR: delivered.',
        'PGDUTY_URL ERROR: delivered.',
      ]),
    )
    expect(stderr.trim().split('\n')).toStrictEqual([
      '[!!ERROR!!] - WEBHOOK_URL_2 INFO, WARN, ERROR: WEBHOOK_URL_2 did not take it. HTTP 403 Forbidden. Look whether WEBHOOK_URL_2 is right, and what belongs to it.',
    ])
    expect(bad.received).toHaveLength(3)
    expect(stdout + stderr).not.toMatch(/secret-of-the-hook|unmistakable-key/u)
    expect(await here.files()).toStrictEqual([])
  })

  test('the service tells that it starts, and of a configuration that it refuses', async () => {
    await using hook = await startReceiver()
    await using here = await site(['postgres=db/app', '@every 1s default echo tick'], {
      WEBHOOK_URL: hook.url,
      WEBHOOK_FORMAT: 'json',
      HTTP_PORT: '0',
    })
    await using service = here.start([])
    await hook.waitFor(1)
    await service.waitFor(/\] tick$/mu)
    await writeFile(here.folder.join('backup.conf'), 'this is no line\n')
    service.kill('SIGHUP')
    await hook.waitFor(2)
    service.kill('SIGTERM')
    const { status } = await service.done

    expect(status).toBe(0)
    const [started, refused] = toldBy(hook)
    expect(started).toMatchObject({ statusCode: 'INFO' })
    expect(started?.message).toBe('Starting backup server in cron mode ...')
    expect(refused).toMatchObject({ statusCode: 'ERROR' })
  })
})
