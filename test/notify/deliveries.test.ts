import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  type Notice,
  type NoticeChannel,
  type NoticeLevel,
  Refusal,
  Secret,
} from '../../src/model/index.ts'
import { explained } from '../../src/notify/http-problems.ts'
import {
  Deliveries,
  type HttpClient,
  Outbox,
  openHttpClient,
  openPager,
  openWebhook,
  proxiesIn,
} from '../../src/notify/index.ts'
import type { Hurry } from '../../src/notify/patience.ts'
import { modesOf, systemClock } from '../../src/platform/index.ts'
import { makeAuthority } from '../support/certificates.ts'
import {
  type Answer,
  answerWith,
  firstThen,
  neverAnswer,
  startReceiver,
} from '../support/http-receiver.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { temporaryFolder } from '../support/volume.ts'

const noProxies = { httpProxy: '', httpsProxy: '', noProxy: '' }
const patient = 30_000

/** No hurry; with a signal that has aborted, no time at all. */
function hurry(ending = new AbortController().signal): Hurry {
  return { ending, hurriedMs: 0 }
}

function noticeSaying(message: string, level: NoticeLevel = 'ERROR', at = new Date()): Notice {
  return { kind: 'backup-failed', level, at, spec: 'postgres=host/db', message, figures: {} }
}

interface Fitting {
  readonly url: string
  readonly http: HttpClient
  readonly timeoutMs?: number
  readonly outbox?: Outbox | null
  readonly level?: NoticeLevel
}

function fitted({ url, http, timeoutMs = patient, outbox = null, level = 'INFO' }: Fitting) {
  const problems: string[] = []
  const channel = openWebhook(http, {
    name: 'WEBHOOK_URL',
    url: new Secret(url),
    format: 'json',
    level,
    method: 'POST',
    headers: [],
    timeoutMs,
    sender: { friendlyName: null, name: null },
  })
  const deliveries = new Deliveries({
    channels: [channel],
    outbox,
    clock: systemClock,
    onProblem: (text) => problems.push(text),
    firstPauseMs: 1,
  })
  return { channel, deliveries, problems }
}

function outboxIn(folder: { readonly join: (...parts: string[]) => string }): {
  readonly path: string
  readonly outbox: Outbox
  /** What it said. */
  readonly problems: readonly string[]
} {
  const path = folder.join('catalog', 'outbox')
  const problems: string[] = []
  const onProblem = (text: string): void => void problems.push(text)
  return { path, outbox: new Outbox({ folder: path, modes: modesOf(0o077), onProblem }), problems }
}

const noRequest = { method: '', path: '', headers: {}, body: '' } as const

const messagesOf = (bodies: readonly { readonly body: string }[]): readonly string[] =>
  bodies.map(({ body }) => (JSON.parse(body) as { message: string }).message)

describe('a notice', () => {
  test.each([
    ['500', answerWith(500)],
    ['429 with Retry-After', answerWith(429, { 'retry-after': '0' })],
    ['half a response', halfAnswer],
  ])('gets through after %s', async (_what, first) => {
    await using hook = await startReceiver({ answer: firstThen(2, first, answerWith(200)) })
    await using http = openHttpClient(noProxies)
    const { deliveries, problems } = fitted({ ...hook, http })

    deliveries.deliver(noticeSaying('one'))
    await hook.waitFor(3)
    await deliveries.close(hurry())

    expect(messagesOf(hook.received)).toStrictEqual(['one', 'one', 'one'])
    expect(problems).toStrictEqual([])
  })

  test('gets through after an answer that came too late', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    const late: Answer = (response) => void response.once('close', resolve)
    await using hook = await startReceiver({ answer: firstThen(1, late, answerWith(200)) })
    await using http = openHttpClient(noProxies)
    const { deliveries, problems } = fitted({ ...hook, http, timeoutMs: 1_000 })

    deliveries.deliver(noticeSaying('one'))
    await gone
    await deliveries.close(hurry())

    expect(messagesOf(hook.received)).toStrictEqual(['one', 'one'])
    expect(problems).toStrictEqual([])
  })

  test('is tried three times, and then told of in one line with the status', async () => {
    await using hook = await startReceiver({ answer: answerWith(503) })
    await using http = openHttpClient(noProxies)
    const { deliveries, problems } = fitted({ url: `${hook.url}/secret-path`, http })

    deliveries.deliver(noticeSaying('one'))
    await deliveries.close(hurry())

    expect(hook.received).toHaveLength(3)
    expect(problems).toStrictEqual([
      'WEBHOOK_URL: 1 notice is lost. WEBHOOK_URL did not take it. HTTP 503 Service Unavailable. Look at that server if it stays so.',
    ])
  })

  test.each([
    ['a redirect', 302, 'HTTP 302 Found'],
    ['a wrong address', 404, 'HTTP 404 Not Found'],
    ['a wrong key', 401, 'HTTP 401 Unauthorized'],
  ])('is not tried again after %s, and goes nowhere else', async (_what, status, words) => {
    await using elsewhere = await startReceiver()
    await using hook = await startReceiver({
      answer: answerWith(status, { location: elsewhere.url }),
    })
    await using http = openHttpClient(noProxies)
    const { deliveries, problems } = fitted({ ...hook, http })

    deliveries.deliver(noticeSaying('one'))
    await deliveries.close(hurry())

    expect(hook.received).toHaveLength(1)
    expect(elsewhere.received).toHaveLength(0)
    expect(problems[0]).toContain(words)
  })

  test('is not given to a server with a certificate that nobody vouches for', async () => {
    const authority = await makeAuthority()
    const files = await authority.issue('hook')
    const tls = {
      key: await readFile(files.key, 'utf8'),
      cert: await readFile(files.certificate, 'utf8'),
    }
    await using hook = await startReceiver({ tls })
    await using http = openHttpClient(noProxies)
    const { channel } = fitted({ ...hook, http })
    const other = explained(
      Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
      {
        name: 'WEBHOOK_URL',
        timeoutMs: 1,
        isLate: false,
        proxy: null,
      },
    )
    expect(other.message).toBe('The certificate of WEBHOOK_URL is for another name.')
    expect(other.advice).not.toContain('NODE_EXTRA_CA_CERTS')

    const sent = channel.send(noticeSaying('one'), new AbortController().signal)

    await expect(sent).rejects.toMatchObject({
      message: 'The certificate of WEBHOOK_URL is not trusted.',
      mayPass: false,
    })
    expect(hook.received).toHaveLength(0)
  })

  test('that gets no answer, or no server, is a problem that may pass, without the address', async () => {
    await using hook = await startReceiver({ answer: neverAnswer })
    await using http = openHttpClient(noProxies)
    const closed = await closedPort()
    const late = fitted({ url: `${hook.url}/secret-path`, http, timeoutMs: 50 })
    const absent = fitted({ url: `http://127.0.0.1:${closed}/secret-path`, http })
    const { signal } = new AbortController()

    const [one, other] = await Promise.allSettled([
      late.channel.send(noticeSaying('one'), signal),
      absent.channel.send(noticeSaying('one'), signal),
    ])

    expect(one).toMatchObject({
      reason: { message: 'WEBHOOK_URL did not answer.', mayPass: true },
    })
    expect(other).toMatchObject({
      reason: { reason: 'Nothing listens at that port (ECONNREFUSED).', mayPass: true },
    })
    expect(JSON.stringify([one, other])).not.toContain('secret-path')
  })

  test('below the level of a channel does not go there', async () => {
    await using hook = await startReceiver()
    await using http = openHttpClient(noProxies)
    const { deliveries } = fitted({ ...hook, http, level: 'WARN' })

    deliveries.deliver(noticeSaying('info', 'INFO'))
    deliveries.deliver(noticeSaying('warn', 'WARN'))
    deliveries.deliver(noticeSaying('error', 'ERROR'))
    await deliveries.close(hurry())

    expect(messagesOf(hook.received)).toStrictEqual(['error', 'warn'])
  })

  test('goes through the proxy, unless NO_PROXY names the host', async () => {
    await using hook = await startReceiver()
    const closed = await closedPort()
    const httpProxy = `http://127.0.0.1:${closed}`
    const environment = { http_proxy: `127.0.0.1:${closed}`, NO_PROXY: 'other.example' }
    const { proxies, naming, warnings } = proxiesIn(environment)
    await using through = openHttpClient(proxies, naming)
    await using past = openHttpClient({ ...noProxies, httpProxy, noProxy: '127.0.0.1' })
    const { signal } = new AbortController()

    const sent = fitted({ ...hook, http: through }).channel.send(noticeSaying('one'), signal)
    await expect(sent).rejects.toMatchObject({
      message: 'WEBHOOK_URL was not reached: its proxy (http_proxy) was not.',
      reason: 'Nothing listens at that port (ECONNREFUSED).',
      mayPass: true,
    })
    expect(warnings).toStrictEqual([])
    await fitted({ ...hook, http: past }).channel.send(noticeSaying('two'), signal)

    expect(messagesOf(hook.received)).toStrictEqual(['two'])
  })
})

describe('a proxy', () => {
  test.each(['foo bar:1', 'socks5://proxy:1080', 'http://proxy/path', 'ftp:21:x'])(
    'that is no address (%s) is warned of by its variable, and none',
    (value) => {
      const { proxies, naming, warnings } = proxiesIn({ HTTPS_PROXY: value })

      expect(proxies.httpsProxy).toBe('')
      expect(naming('https://hook.example/x')).toBeNull()
      expect(warnings).toStrictEqual([
        'HTTPS_PROXY is no address of a proxy: notices go without it. Write HTTPS_PROXY=http://host:port.',
      ])
    },
  )

  test('is that of the lower case, with its exceptions', () => {
    const { proxies, naming } = proxiesIn({
      HTTPS_PROXY: 'upper:1',
      https_proxy: 'lower:3128',
      no_proxy: '.inside.example, 10.0.0.1:8080',
    })

    expect(proxies.httpsProxy).toBe('http://lower:3128/')
    expect(naming('https://hook.example/x')).toBe('https_proxy')
    expect(naming('http://hook.example/x')).toBeNull()
    expect(naming('https://a.inside.example')).toBeNull()
    expect(naming('https://10.0.0.1')).toBe('https_proxy')
    expect(naming('https://10.0.0.1:8080')).toBeNull()
  })

  test('that refuses a tunnel is named, with its answer', async () => {
    await using proxy = await startReceiver()
    await using http = openHttpClient({ ...noProxies, httpsProxy: proxy.url }, () => 'HTTPS_PROXY')
    const { channel } = fitted({ url: 'https://hook.example/x', http })

    const sent = channel.send(noticeSaying('one'), new AbortController().signal)

    await expect(sent).rejects.toThrow(/^WEBHOOK_URL was not reached: .* proxy \(HTTPS_PROXY\)/u)
  })
})

describe('the outbox', () => {
  test('keeps what was not delivered, for its owner alone and without the address', async () => {
    await using folder = temporaryFolder()
    await using hook = await startReceiver({ answer: answerWith(500) })
    await using http = openHttpClient(noProxies)
    const { path, outbox } = outboxIn(folder)
    const { deliveries, problems } = fitted({ url: `${hook.url}/secret-path`, http, outbox })

    deliveries.deliver(noticeSaying('one'))
    await deliveries.close(hurry())

    const [name = '', ...others] = await readdir(path)
    expect(others).toStrictEqual([])
    expect((await stat(`${path}/${name}`)).mode & 0o777).toBe(0o600)
    const text = await readFile(`${path}/${name}`, 'utf8')
    expect(JSON.parse(text)).toMatchObject({ channel: 'WEBHOOK_URL', notice: { message: 'one' } })
    expect(text).not.toContain('secret-path')
    expect(problems).toHaveLength(1)
  })

  test('is emptied by a later run: the worst first, then in order, and said to be late', async () => {
    await using folder = temporaryFolder()
    await using hook = await startReceiver({ answer: answerWith(404) })
    await using http = openHttpClient(noProxies)
    const { path, outbox } = outboxIn(folder)
    const before = fitted({ ...hook, http, outbox })
    for (const [index, message] of ['one', 'two'].entries()) {
      before.deliveries.deliver(noticeSaying(message, 'INFO', new Date(Date.now() - 1000 + index)))
    }
    await before.deliveries.close(hurry())
    hook.answer(answerWith(200))

    const later = fitted({ ...hook, http, outbox })
    later.deliveries.deliverKept()
    later.deliveries.deliver(noticeSaying('three', 'INFO'))
    later.deliveries.deliver(noticeSaying('four', 'WARN'))
    later.deliveries.deliver(noticeSaying('five', 'ERROR'))
    await later.deliveries.close(hurry())

    expect(messagesOf(hook.received.slice(2))).toStrictEqual([
      'five',
      'four',
      expect.stringMatching(/^one\n\(of \d{4}-\d\d-\d\d \d\d:\d\d UTC, delivered late\)$/u),
      expect.stringMatching(/^two\n\(of /u),
      'three',
    ])
    expect(await readdir(path)).toStrictEqual([])
  })

  test('gets all that waits for a server that never answers when the run ends', async () => {
    await using folder = temporaryFolder()
    await using hook = await startReceiver({ answer: neverAnswer })
    await using http = openHttpClient(noProxies)
    const { path, outbox } = outboxIn(folder)
    const { deliveries, problems } = fitted({ ...hook, http, outbox })

    for (const message of ['1', '2', '3', '4', '5']) deliveries.deliver(noticeSaying(message))
    await hook.waitFor(1)
    await deliveries.close(hurry(AbortSignal.abort()))

    expect(await readdir(path)).toHaveLength(5)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /^WEBHOOK_URL: 5 notices wait for another try\. There was no answer/u,
    )
    expect(hook.received).toHaveLength(1)
  })

  test('gets all of it at once when the process is told to end while it waits', async () => {
    await using folder = temporaryFolder()
    await using hook = await startReceiver({ answer: neverAnswer })
    await using http = openHttpClient(noProxies)
    const { path, outbox } = outboxIn(folder)
    const { deliveries } = fitted({ ...hook, http, outbox })
    const told = new AbortController()
    deliveries.deliver(noticeSaying('1'))
    await hook.waitFor(1)

    const closing = deliveries.close(hurry(told.signal))
    told.abort()
    await closing

    expect(await readdir(path)).toHaveLength(1)
  })

  test('lets one that is refused for good not block those behind it', async () => {
    await using folder = temporaryFolder()
    const { path, outbox } = outboxIn(folder)
    for (const text of ['refused', 'good']) {
      await outbox.keep({ channel: 'A', notice: noticeSaying(text), refusals: 0 })
    }
    const taken: string[] = []
    const channel: NoticeChannel = {
      name: 'A',
      level: 'INFO',
      timeoutMs: patient,
      async send({ message }) {
        if (message === 'refused') throw new Refusal('HTTP 413', { advice: 'Shorten it.' })
        taken.push(message)
      },
    }
    const deliveries = new Deliveries({
      channels: [channel],
      outbox,
      clock: { now: () => new Date() },
      onProblem: () => undefined,
    })

    deliveries.deliverKept()
    await deliveries.close(hurry())

    expect(taken).toEqual(['good'])
    expect(await readdir(path)).toHaveLength(1)
  })

  test('gives up what is refused three times for what is in it, and the others get through', async () => {
    await using folder = temporaryFolder()
    const { path, outbox } = outboxIn(folder)
    const refuse: Answer = (response, { body }) =>
      answerWith(body.includes('too long') ? 400 : 200)(response, { ...noRequest, body })
    await using hook = await startReceiver({ answer: refuse })
    await using http = openHttpClient(noProxies)
    const all: string[] = []
    for (const message of ['too long', 'a', 'b', 'c']) {
      const { deliveries, problems } = fitted({ ...hook, http, outbox })
      deliveries.deliverKept()
      deliveries.deliver(noticeSaying(message))
      await deliveries.close(hurry())
      all.push(...problems)
    }

    expect(all).toStrictEqual([
      expect.stringMatching(/^WEBHOOK_URL: 1 notice waits for another try\. .*HTTP 400/u),
      expect.stringMatching(/^WEBHOOK_URL: 1 notice waits for another try\. .*HTTP 400/u),
      expect.stringMatching(/was refused 3 times, and is given up\. .*HTTP 400/u),
    ])
    expect(hook.received).toHaveLength(3 + 3)
    expect(await readdir(path)).toStrictEqual([])
  })

  test('gets what a slow server has no time for; nothing that was begun is cut off', async () => {
    await using folder = temporaryFolder()
    const slow: Answer = (response) =>
      void setTimeout(() => answerWith(200)(response, noRequest), 300)
    await using hook = await startReceiver({ answer: slow })
    await using http = openHttpClient(noProxies)
    const { path, outbox } = outboxIn(folder)
    const { deliveries, problems } = fitted({ ...hook, http, outbox, timeoutMs: 750 })

    for (const message of ['1', '2', '3', '4', '5']) deliveries.deliver(noticeSaying(message))
    await deliveries.close(hurry())
    const done = hook.received.length
    const kept = await readdir(path)

    expect(done + kept.length).toBe(5)
    expect(kept.length).toBeGreaterThan(0)
    expect(problems).toStrictEqual([
      expect.stringMatching(
        /^WEBHOOK_URL: \d notices? waits? for another try\. The run ended before their turn came\. One takes 0\.\d s/u,
      ),
    ])
  })

  test('does not give one notice to two at once, and frees what a dead one had in hand', async () => {
    await using folder = temporaryFolder()
    const { outbox } = outboxIn(folder)
    const now = new Date()
    await outbox.keep({ channel: 'A', notice: noticeSaying('one', 'INFO', now), refusals: 0 })
    const first = outbox.take('A', now)
    const { value: inHand } = await first.next()

    const meanwhile = await allOf(outbox.take('A', now))
    const later = await allOf(outbox.take('A', new Date(now.getTime() + 16 * 60_000)))

    expect(inHand).toMatchObject({ notice: { message: 'one' } })
    expect(meanwhile).toHaveLength(0)
    expect(later).toHaveLength(1)
  })

  test('holds 500 at most: the oldest go, and that is told', async () => {
    await using folder = temporaryFolder()
    await using hook = await startReceiver({ answer: answerWith(404) })
    await using http = openHttpClient(noProxies)
    const { path, outbox } = outboxIn(folder)
    const { deliveries, problems } = fitted({ ...hook, http, outbox })
    const start = Date.now() - 60_000
    const text = (at: number): string =>
      JSON.stringify({
        version: 1,
        channel: 'OTHER',
        notice: noticeSaying('x', 'ERROR', new Date(at)),
      })
    await mkdir(path, { recursive: true })
    for (let at = start; at < start + 500; at += 1)
      await writeFile(`${path}/${at}-x.json`, text(at))

    deliveries.deliver(noticeSaying('the newest'))
    await deliveries.close(hurry())

    const names = await readdir(path)
    expect(names).toHaveLength(500)
    expect(names).not.toContain(`${start}-x.json`)
    expect(names).toContain(`${start + 1}-x.json`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /^WEBHOOK_URL: 1 notice waits for another try\. The oldest that were kept are lost\. .*404/u,
    )
  })

  test.skipIf(cannotMount)(
    `on a read-only volume says so, and is no defect${cannotMountNote}`,
    async () => {
      await using volume = smallVolume(256)
      const { outbox } = outboxIn(volume)
      await outbox.keep({ channel: 'WEBHOOK_URL', notice: noticeSaying('before'), refusals: 0 })
      execFileSync('mount', ['-o', 'remount,ro', volume.path])
      await using hook = await startReceiver({ answer: answerWith(404) })
      await using http = openHttpClient(noProxies)
      const { deliveries, problems } = fitted({ ...hook, http, outbox })

      deliveries.deliverKept()
      deliveries.deliver(noticeSaying('one'))
      await deliveries.close(hurry())

      expect(problems).toHaveLength(2)
      for (const problem of problems) {
        expect(problem).toMatch(/the volume is mounted read-only\. EROFS.*\. Mount it writable/u)
        expect(problem).not.toContain('defect')
      }
      expect(problems[1]).toContain('1 notice is lost, for it cannot be kept: ')
      expect(messagesOf(hook.received)).toStrictEqual(['one'])
    },
  )

  test('drops what is older than a week or broken, with a word, and gives each channel its own', async () => {
    await using folder = temporaryFolder()
    const { path, outbox, problems } = outboxIn(folder)
    await mkdir(path, { recursive: true })
    await writeFile(`${path}/1700000000000-x.json`, '{"version": 1, "chan')
    const now = new Date()
    const old = new Date(now.getTime() - 8 * 86_400_000)
    await outbox.keep({ channel: 'A', notice: noticeSaying('old', 'INFO', old), refusals: 0 })
    await outbox.keep({ channel: 'A', notice: noticeSaying('new', 'INFO', now), refusals: 0 })
    await outbox.keep({ channel: 'B', notice: noticeSaying('other', 'INFO', now), refusals: 0 })

    const taken = await allOf(outbox.take('A', now))

    expect(taken.map(({ notice }) => notice.message)).toStrictEqual(['new'])
    expect(await readdir(path)).toHaveLength(2)
    expect(problems.map((text) => text.replace(/ from .*/u, ''))).toStrictEqual([
      'The file 1700000000000-x.json holds no notice, and was removed',
      'A notice (backup-failed) for A was not delivered within a week, and was removed',
    ])
  })
})

test('PagerDuty gets an incident for an error, and nothing else', async () => {
  await using hook = await startReceiver()
  await using http = openHttpClient(noProxies)
  const channel = openPager(http, {
    url: new Secret(hook.url),
    serviceKey: new Secret('key'),
    timeoutMs: patient,
    sender: { friendlyName: 'My Project', name: 'my-project' },
  })
  const options = { outbox: null, clock: systemClock, onProblem: () => undefined }
  const deliveries = new Deliveries({ channels: [channel], ...options })

  deliveries.deliver(noticeSaying('fine', 'WARN'))
  deliveries.deliver(noticeSaying('a "quoted" line\nand another \\', 'ERROR'))
  deliveries.deliver(noticeSaying(`${'x'.repeat(1_022)}😀 and more`, 'ERROR'))
  await deliveries.close(hurry())

  const [first, second, ...others] = hook.received.map(({ body }) => JSON.parse(body) as unknown)
  expect(others).toStrictEqual([])
  expect(first).toStrictEqual({
    service_key: 'key',
    event_type: 'trigger',
    description: 'a "quoted" line and another \\',
    details: {
      event: 'backup-failed',
      at: expect.stringMatching(/Z$/u),
      spec: 'postgres=host/db',
      projectFriendlyName: 'My Project',
      projectName: 'my-project',
      message: 'a "quoted" line\nand another \\',
    },
  })
  expect(second).toMatchObject({
    description: `${'x'.repeat(1_022)}…`,
    details: { message: expect.stringMatching(/and more$/u) },
  })
})

function halfAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100' })
  response.write('half', () => response.destroy())
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}
