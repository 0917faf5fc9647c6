import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Notice } from '../../src/model/index.ts'
import { Secret } from '../../src/model/index.ts'
import { type EmailOptions, openEmail } from '../../src/notify/index.ts'
import { type Authority, type Certificate, makeAuthority } from '../support/certificates.ts'
import { refusalOf } from '../support/refusal.ts'
import { readEmail, startSmtpServer, type TestSmtpServer } from '../support/smtp-server.ts'
import { startBlackHole, startTcpProxy } from '../support/tcp-proxy.ts'

let authority: Authority
let certificate: Certificate
const made: AsyncDisposable[] = []

beforeAll(async () => {
  authority = await makeAuthority()
  certificate = await authority.issue('mail')
})

afterAll(async () => {
  for (const each of made) await each[Symbol.asyncDispose]()
})

async function serverWith(
  wishes: Partial<Parameters<typeof startSmtpServer>[0]> = {},
): Promise<TestSmtpServer> {
  const server = await startSmtpServer({ certificate, ...wishes })
  made.push(server)
  return server
}

type Server = Pick<TestSmtpServer, 'host' | 'port'>

function optionsFor({ host, port }: Server, changes: Partial<EmailOptions> = {}): EmailOptions {
  return {
    host,
    port,
    tls: 'starttls',
    login: null,
    caFile: authority.certificate,
    from: { name: 'Backups', address: 'backup@example.org' },
    to: [{ name: '', address: 'ops@example.org' }],
    level: 'INFO',
    environment: 'Production',
    timeoutSeconds: 30,
    ...changes,
  }
}

const failure: Notice = {
  kind: 'backup-failed',
  level: 'ERROR',
  at: new Date('2026-11-21T01:02:03.456Z'),
  spec: 'wallet-db:5432/tob_holder',
  message: 'Failed to back up wallet-db:5432/tob_holder.',
  figures: {
    durationMs: 187_000,
    error: { message: 'pg_dump ended with 1.', reason: 'out of memory', advice: 'Add memory.' },
  },
}

const live = new AbortController().signal

function send(options: EmailOptions, notice = failure, signal = live): Promise<void> {
  return openEmail(options).send(notice, signal)
}

const login = { user: 'bob', password: 'sesame-4711' }
const asBob = { user: 'bob', password: new Secret(login.password) }

describe('an e-mail', () => {
  test('is sent by STARTTLS with a login, as text and as HTML', async () => {
    const server = await serverWith({ login })

    await send(optionsFor(server, { login: asBob }))

    const [email] = server.received
    expect(server.received).toHaveLength(1)
    expect(email).toMatchObject({
      isProtected: true,
      user: 'bob',
      sender: 'backup@example.org',
      recipients: ['ops@example.org'],
    })
    const { headers, text, html } = readEmail(email!)
    expect(headers).toMatchObject({
      from: 'Backups <backup@example.org>',
      to: 'ops@example.org',
      subject: 'ERROR [Production] Backup failed: wallet-db:5432/tob_holder',
      date: 'Sat, 21 Nov 2026 01:02:03 +0000',
      'auto-submitted': 'auto-generated',
    })
    expect(headers['message-id']).toMatch(/^<[\da-f]{40}@example\.org>$/u)
    expect(text).toBe(
      [
        'Backup failed',
        '',
        'Failed to back up wallet-db:5432/tob_holder.',
        '',
        'Database:      wallet-db:5432/tob_holder',
        'Duration:      3 min 7 s',
        'What happened: pg_dump ended with 1.',
        'Why:           out of memory',
        'What to do:    Add memory.',
        'Environment:   Production',
        'Level:         ERROR',
        'Time:          2026-11-21 01:02:03 UTC',
        '',
      ].join('\n'),
    )
    expect(html).toContain('<h1')
    expect(html).toContain('Failed to back up wallet-db:5432/tob_holder.')
    expect(email?.raw).not.toContain(login.password)
  })

  test('is sent by TLS from the first byte', async () => {
    const server = await serverWith({ isImplicit: true })

    await send(optionsFor(server, { tls: 'implicit' }))

    expect(server.received[0]).toMatchObject({ isProtected: true, user: null })
  })

  test('is sent without TLS only where that was asked for, and then never with it', async () => {
    const server = await serverWith({ certificate: null, login })
    await send(optionsFor(server, { tls: 'off', caFile: null, login: asBob }))
    const able = await serverWith()
    await send(optionsFor(able, { tls: 'off', caFile: null }))

    expect(server.received[0]).toMatchObject({ isProtected: false, user: 'bob' })
    expect(able.received[0]).toMatchObject({ isProtected: false })
  })

  test('goes to several, who see each other', async () => {
    const server = await serverWith()
    const to = [
      { name: 'Zoë "Ops", Ltd', address: 'zoe@example.org' },
      { name: '', address: 'ops@example.org' },
    ]

    await send(optionsFor(server, { to }))

    expect(server.received).toHaveLength(1)
    expect(server.received[0]?.recipients).toStrictEqual(['zoe@example.org', 'ops@example.org'])
    expect(readEmail(server.received[0]!).headers['to']).toContain('<zoe@example.org>, ops@')
  })

  test('has a table of the databases of a cycle', async () => {
    const server = await serverWith()
    const databases = [
      { spec: 'pg/app', ok: true, bytes: 7_759_462, durationMs: 4_200 },
      { spec: 'pg/<b>&co', ok: false, durationMs: 7_500_000, problem: 'No space\nleft "here".' },
    ]
    const cycle: Notice = {
      ...failure,
      kind: 'cycle',
      spec: null,
      message: '1 of 2 databases failed.',
      figures: { databases },
    }

    await send(optionsFor(server, { environment: null }), cycle)

    const { headers, text, html } = readEmail(server.received[0]!)
    expect(headers['subject']).toBe('ERROR Backup cycle: 1 of 2 failed')
    expect(text).toContain(
      [
        'Database   Result  Size    Duration  Problem',
        'pg/app     OK      7.4 MB  4.2 s',
        'pg/<b>&co  FAILED          2 h 5 min  No space left "here".',
      ]
        .join('\n')
        .replace('Duration  Problem', 'Duration   Problem'),
    )
    expect(html).toContain('pg/&lt;b&gt;&amp;co</td>')
    expect(html).toContain('No space\nleft &quot;here&quot;.</td>')
    expect(html).not.toContain('<b>')
  })

  test('arrives as it is written: other scripts, dots, long lines, 20 000 characters', async () => {
    const server = await serverWith()
    const message = `.\n..x\nFrom here\nŽluťoučký 🐘 =3D \t|\n${'long '.repeat(400)}\n${'Line.\n'.repeat(3_000)}End.`

    await send(optionsFor(server), { ...failure, message })

    const { text, html } = readEmail(server.received[0]!)
    expect(text).toContain(`\n\n${message}\n\n`)
    expect(html).toContain(`>${message}</p>`)
  })

  test('takes no header and no element from a name or a message', async () => {
    const server = await serverWith()
    const notice = {
      ...failure,
      spec: 'pg/a\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>',
      message:
        '\u001b[31mred\u001b[0m\r\n.\r\nRCPT TO:<evil@example.com>\r\n<img src=x onerror=y>\uD800',
    }

    await send(
      optionsFor(server, {
        environment: 'Prod\u2028X-One: 1\nX-Two: 2\u0000\u202E',
        from: { name: 'Back\nX-Three: 3', address: 'backup@example.org' },
      }),
      notice,
    )

    const [email] = server.received
    const { headers, text, html } = readEmail(email!)
    expect(server.received).toHaveLength(1)
    expect(email?.recipients).toStrictEqual(['ops@example.org'])
    expect(
      Object.keys(headers).filter((name) => /^(?:bcc|x-one|x-two|x-three)$/u.test(name)),
    ).toStrictEqual([])
    expect(headers['subject']).toBe(
      'ERROR [Prod X-One: 1 X-Two: 2 ] Backup failed: pg/a Bcc: evil@example.com <script>alert(1)</script>',
    )
    expect(html).not.toMatch(/<script|<img/u)
    expect(text).not.toContain('\u001b')
    expect(text).toContain('\n.\nRCPT TO:<evil@example.com>\n')
  })

  test('has a subject of bearable length', async () => {
    const server = await serverWith()

    await send(optionsFor(server, { environment: '🐘'.repeat(300) }))

    expect(readEmail(server.received[0]!).headers['subject']?.length).toBeLessThanOrEqual(200)
  })

  test('has the same Message-ID when it is sent again, and another one for another notice', async () => {
    const server = await serverWith()

    await send(optionsFor(server))
    await send(optionsFor(server), { ...failure })
    await send(optionsFor(server), { ...failure, at: new Date(0) })

    const ids = server.received.map((email) => readEmail(email).headers['message-id'])
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })
})

describe('an e-mail that cannot be sent', () => {
  test('tells of a wrong password, and shows neither it nor its encoding', async () => {
    const server = await serverWith({ login })
    const wrong = { user: 'bob', password: new Secret('wrong-4712') }

    const refusal = await refusalOf(send(optionsFor(server, { login: wrong })))

    expect(refusal).toMatchObject({
      message: `The e-mail could not be sent: mail server 127.0.0.1:${server.port}.`,
      advice: expect.stringContaining('SMTP_PASSWORD'),
      mayPass: false,
    })
    expect(refusal.reason).toContain('535')
    expect(`${refusal.message}${refusal.reason}${refusal.advice}`).not.toContain('wrong-4712')
  })

  test('does not go to a server that wants a login and was given none', async () => {
    const server = await serverWith({ login })

    const refusal = await refusalOf(send(optionsFor(server)))

    expect(refusal).toMatchObject({ mayPass: false, advice: expect.stringContaining('SMTP_USER') })
    expect(server.received).toHaveLength(0)
  })

  test('is not sent without the login that is configured', async () => {
    const server = await serverWith()

    const refusal = await refusalOf(send(optionsFor(server, { login: asBob })))

    expect(refusal).toMatchObject({ mayPass: false, advice: expect.stringContaining('no login') })
    expect(server.received).toHaveLength(0)
  })

  test('tells of a server without STARTTLS, and says nothing to it', async () => {
    const server = await serverWith({ certificate: null, login })

    const refusal = await refusalOf(send(optionsFor(server, { login: asBob })))

    expect(refusal.reason).toContain('no STARTTLS')
    expect(refusal).toMatchObject({ mayPass: false, advice: expect.stringContaining('EMAIL_TLS') })
    expect(server.received).toHaveLength(0)
  })

  test('tells of TLS at a port without it', async () => {
    const server = await serverWith({ certificate: null })

    const refusal = await refusalOf(send(optionsFor(server, { tls: 'implicit' })))

    expect(refusal).toMatchObject({
      mayPass: false,
      reason: 'What the server says is no TLS.',
      advice: expect.stringContaining('smtps://'),
    })
  })

  test('tells of a port that waits for TLS', async () => {
    const server = await serverWith({ isImplicit: true })

    const refusal = await refusalOf(send(optionsFor(server, { timeoutSeconds: 1 })))

    expect(refusal).toMatchObject({
      mayPass: true,
      advice: expect.stringContaining('write smtps:// then'),
    })
  })

  test.each(['starttls', 'implicit'] as const)(
    'tells of a certificate that nobody knows (%s)',
    async (tls) => {
      const server = await serverWith({ login, isImplicit: tls === 'implicit' })

      const refusal = await refusalOf(send(optionsFor(server, { tls, caFile: null, login: asBob })))

      expect(refusal.reason).toBe(
        'The certificate of the server is refused: nobody who is trusted here has signed it.',
      )
      expect(refusal).toMatchObject({
        mayPass: false,
        advice: expect.stringContaining('EMAIL_CA_FILE'),
      })
    },
  )

  test('tells of a certificate that has expired', async () => {
    const old = await authority.issue('old', new Date(Date.now() - 400 * 86_400_000))
    const server = await serverWith({ certificate: old })

    expect(await refusalOf(send(optionsFor(server)))).toMatchObject({
      mayPass: false,
      advice: 'Renew the certificate of the server.',
    })
  })

  test('tells of a certificate for another host', async () => {
    const server = await serverWith({ host: '127.0.0.2' })

    const refusal = await refusalOf(send(optionsFor(server)))

    expect(refusal).toMatchObject({ mayPass: false, advice: expect.stringContaining('SMTP_URL') })
  })

  test('tells of authorities that cannot be read', async () => {
    const server = await serverWith()

    const refusal = await refusalOf(send(optionsFor(server, { caFile: '/no/such/file.pem' })))

    expect(refusal).toMatchObject({
      mayPass: false,
      advice: expect.stringContaining('EMAIL_CA_FILE'),
    })
  })

  test.each([
    { what: 'sender', wishes: { senderAnswer: [550, 'not from there'] }, advice: 'EMAIL_FROM' },
    {
      what: 'sender for now',
      wishes: { senderAnswer: [451, 'greylisted'] },
      advice: 'Another try',
    },
    {
      what: 'only recipient',
      wishes: { refused: { 'ops@example.org': [550, 'no such user'] } },
      advice: 'EMAIL_TO',
    },
    {
      what: 'message',
      wishes: { dataAnswer: [554, 'looks like spam'] },
      advice: 'log of the mail',
    },
    { what: 'message for now', wishes: { dataAnswer: [452, 'no space'] }, advice: 'Another try' },
  ] as const)('tells of a refused $what', async ({ wishes, advice }) => {
    const server = await serverWith(wishes)

    const refusal = await refusalOf(send(optionsFor(server)))

    expect(refusal.advice).toContain(advice)
    expect(refusal.mayPass).toBe(advice === 'Another try')
    expect(refusal.reason).toContain('The server says: ')
  })

  test.each([
    [550, false],
    [450, true],
  ])('tells of one refused recipient of three (%i)', async (code, mayPass) => {
    const server = await serverWith({ refused: { 'b@example.org': [code, 'not this one'] } })
    const to = ['a', 'b', 'c'].map((name) => ({ name: '', address: `${name}@example.org` }))
    const channel = openEmail(optionsFor(server, { to }))

    const refusal = await refusalOf(channel.send(failure, live))

    expect(refusal.message).toContain('refused 1 of 3 recipients')
    expect(refusal.reason).toMatch(/^b@example\.org: .*not this one/u)
    expect(refusal).toMatchObject({ mayPass, advice: expect.stringContaining('EMAIL_TO') })
    expect(server.received[0]?.recipients).toStrictEqual(['a@example.org', 'c@example.org'])
    // Another try bothers only those who were not reached.
    await refusalOf(channel.send(failure, live))
    expect(server.received).toHaveLength(1)
  })

  test('may be tried again where nobody listens', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 1 })
    await proxy.refuse()

    expect(await refusalOf(send(optionsFor(proxy)))).toMatchObject({
      mayPass: true,
      reason: expect.stringContaining('cannot be reached'),
    })
  })

  test('may be tried again where the name of the server is not known', async () => {
    const server = { host: 'mail.invalid', port: 25 }

    // Without a network, the answer may also be that there is none in time.
    const refusal = await refusalOf(send(optionsFor(server, { timeoutSeconds: 5 })))

    expect(refusal.mayPass).toBe(true)
  })

  test.each([0, 300])(
    'may be tried again when the server hangs up (after %i bytes)',
    async (bytes) => {
      const server = await serverWith()
      await using proxy = await startTcpProxy(server)
      proxy.cutAfter(bytes)

      expect(await refusalOf(send(optionsFor(proxy)))).toMatchObject({ mayPass: true })
      expect(server.received).toHaveLength(0)
    },
  )

  test('may be tried again when the server says nothing for too long', async () => {
    await using hole = await startBlackHole()

    const refusal = await refusalOf(send(optionsFor(hole, { timeoutSeconds: 1 })))

    expect(refusal).toMatchObject({ mayPass: true, reason: expect.stringContaining('1 seconds') })
  })

  test('has one limit for all of it: a server that trickles does not get more', async () => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      const timer = setInterval(() => socket.write('220-wait\r\n'), 100)
      socket.on('close', () => clearInterval(timer))
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', resolve)
    await promise
    const address = server.address() as { readonly port: number }

    const refusal = await refusalOf(
      send(optionsFor({ host: '127.0.0.1', port: address.port }, { timeoutSeconds: 1 })),
    )

    expect(refusal.mayPass).toBe(true)
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  test('shows no password that the server repeats', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).write('220 here\r\n')
      socket.on('data', (bytes: Buffer) => {
        const line = bytes.toString().trim()
        if (line.startsWith('EHLO')) socket.write('250-here\r\n250 AUTH PLAIN\r\n')
        else socket.write(`500 unrecognised: ${line}, with sesame-4711\r\n`)
      })
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', resolve)
    await promise
    const { port } = server.address() as { readonly port: number }
    const options = optionsFor(
      { host: '127.0.0.1', port },
      { tls: 'off', caFile: null, login: asBob },
    )

    const refusal = await refusalOf(send(options))

    const encoded = Buffer.from('\0bob\0sesame-4711').toString('base64')
    expect(refusal.reason).toContain('unrecognised')
    expect(refusal.reason).not.toContain(encoded)
    expect(refusal.reason).not.toContain('sesame-4711')
    server.close()
  })

  test('ends at once when it is aborted', async () => {
    await using hole = await startBlackHole()
    const stopping = new AbortController()
    const sending = send(optionsFor(hole), failure, stopping.signal)
    stopping.abort(new Error('shutting down'))

    await expect(sending).rejects.toThrow('shutting down')
    await expect(send(optionsFor(hole), failure, stopping.signal)).rejects.toThrow('shutting down')
  })
})
