import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'

const pasted = readFileSync('scripts/rocket.chat.integration.js', 'utf8')
const base = 'https://console.apps.example.org'
/** With the address of a console at its top. */
const source = pasted.replace("CONSOLE_BASE_URL = ''", `CONSOLE_BASE_URL = '${base}'`)

interface Answer {
  readonly content?: {
    readonly text: string
    readonly attachments: readonly { readonly text: string; readonly color: string }[]
  }
  readonly error?: unknown
}

/**
 * As Rocket.Chat does: the script and then its class are evaluated in an empty world, and the class
 * is called with a request in another one.
 */
function answerTo(request: unknown, script = source): Answer {
  const world = createContext(
    { request: null },
    { codeGeneration: { strings: false, wasm: false } },
  )
  runInContext(`var script = new (function () { ${script}; return Script; }())()`, world)
  const json = JSON.stringify(JSON.stringify(request))
  const call = `JSON.stringify(script.process_incoming_request({ request: JSON.parse(${json}) }))`
  return JSON.parse(String(runInContext(call, world))) as Answer
}

/** The request that Rocket.Chat makes of what came, with the parts that it always has. */
function requestWith(content: unknown, raw = ''): Record<string, unknown> {
  return {
    url: { hash: null, search: null, query: {}, pathname: '/hooks/a/b', path: '/hooks/a/b' },
    url_raw: '/hooks/a/b',
    url_params: { integrationId: 'a', token: 'b' },
    content,
    content_raw: raw,
    headers: { host: 'chat.example.org' },
    user: { _id: 'u', name: 'Rocket.Cat', username: 'rocket.cat' },
  }
}

const notice = {
  projectFriendlyName: 'Production',
  projectName: 'abc123-prod',
  statusCode: 'INFO',
  message: 'Successfully backed up postgresql:5432/app',
}

function shown(fields: Record<string, unknown>): { text: string; message: string; color: string } {
  const { content } = answerTo(requestWith(fields))
  const [attachment] = content?.attachments ?? []
  return {
    text: content?.text ?? '',
    message: attachment?.text ?? '',
    color: attachment?.color ?? '',
  }
}

const link = `${base}/k8s/cluster/projects/abc123-prod/workloads`

describe('the script for Rocket.Chat', () => {
  test('shows a notice with a link to the console of OpenShift 4', () => {
    expect(answerTo(requestWith(notice))).toStrictEqual({
      content: {
        text: `Status message received from [Production](${link}):`,
        attachments: [{ text: notice.message, color: '#36A64F' }],
      },
    })
  })

  test('has a style for each level, and takes an unknown one for a status', () => {
    expect(shown({ ...notice, statusCode: 'ERROR' })).toMatchObject({
      text: `**Error message received from [Production](${link}):**`,
      color: '#A63636',
    })
    expect(shown({ ...notice, statusCode: 'WARN' })).toMatchObject({
      text: `Warning message received from [Production](${link}):`,
      color: '#E8A317',
    })
    expect(shown({ ...notice, statusCode: 'constructor' }).text).toContain('Status message')
  })

  test.each([
    ['quotes', `He said "it's" \\"fine\\" \\`],
    ['newlines', 'one\ntwo\r\n\n\tfour'],
    ['markdown', '# *a* _b_ `c` [d](http://e) ~f~ > g\n```\nh\n```\n| i |'],
    ['what a form encodes', 'a+b=c&d%20e%'],
    ['other scripts', 'São João – Žluťoučký 🐘 日本'],
    ['20 000 characters', 'One of many lines.\n'.repeat(1_053).slice(0, 20_000)],
  ])('leaves a message with %s as it is, in both encodings', (_what, message) => {
    const fields = { ...notice, message }
    const form = new URLSearchParams(fields).toString()

    for (const request of [
      requestWith(fields, JSON.stringify(fields)),
      requestWith(fields, form),
      requestWith(Object.fromEntries(new URLSearchParams(form)), form),
      requestWith(form, form),
      requestWith(JSON.stringify(fields)),
      requestWith(undefined, form),
    ]) {
      const { content } = answerTo(request)

      expect(content?.attachments).toStrictEqual([{ text: message, color: '#36A64F' }])
    }
  })

  test('cuts what would stop the browsers of a channel, and says so', () => {
    const { message } = shown({ ...notice, message: `${'x'.repeat(39_999)}🐘${'y'.repeat(9)}` })

    expect(message).toBe(
      `${'x'.repeat(39_999)}\n… (11 more characters are in the log of the container)`,
    )
  })

  test.each([
    [
      'no friendly name',
      { projectFriendlyName: '' },
      `Status message received from [abc123-prod](`,
    ],
    ['no project', { projectName: undefined }, 'Status message received from Production:'],
    ['no name at all', { projectName: '', projectFriendlyName: ' ' }, 'Status message received:'],
    ['no level', { statusCode: null }, 'Status message received from [Production]('],
  ])('is content with %s', (_what, change, text) => {
    expect(shown({ ...notice, ...change }).text).toContain(text)
  })

  test('says that a message is missing', () => {
    expect(shown({ statusCode: 'ERROR' })).toStrictEqual({
      text: '**Error message received:**',
      message: '(The notice has no message.)',
      color: '#A63636',
    })
    expect(shown({ message: 0 }).message).toBe('0')
  })

  test.each([
    ['nothing', undefined],
    ['an empty object', {}],
    ['null', null],
    ['broken JSON', '{"message":'],
    ['other text', 'hello'],
    ['an array', []],
  ])('tells the sender that %s is no notice', (_what, content) => {
    expect(answerTo(requestWith(content))).toStrictEqual({
      error: { success: false, message: 'This is no notice.' },
    })
    expect(answerTo({ content })).toHaveProperty('error')
    expect(answerTo(null)).toHaveProperty('error')
  })

  test('lets no name break out of the link, or call everybody', () => {
    const projectFriendlyName = 'a](http://evil) **b** `c`\n@all'

    expect(shown({ ...notice, statusCode: 'ERROR', projectFriendlyName }).text).toBe(
      `**Error message received from [a)(http://evil) b c @ all](${link}):**`,
    )
    expect(shown({ ...notice, projectName: 'a b)/../c?d#e' }).text).toContain(
      '/k8s/cluster/projects/a%20b%29%2F..%2Fc%3Fd%23e/workloads):',
    )
  })

  test('calls nobody by what is in a message', () => {
    const message = 'an e-mail to ops@all.example, @all, @Here: @allen says "@here", @all.'

    expect(shown({ ...notice, message }).message).toBe(
      'an e-mail to ops@all.example, @\u200Ball, @\u200BHere: @allen says "@\u200Bhere", @\u200Ball.',
    )
  })

  test('takes the base URL at its top, with or without a slash at its end, or none', () => {
    const withBase = (address: string): string => {
      const script = source.replace(/(?<=CONSOLE_BASE_URL = )'.*'/u, `'${address}'`)
      return answerTo(requestWith(notice), script).content?.text ?? ''
    }

    expect(withBase('https://console.example.org/')).toBe(
      'Status message received from [Production](https://console.example.org/k8s/cluster/projects/abc123-prod/workloads):',
    )
    expect(answerTo(requestWith(notice), pasted).content?.text).toBe(
      'Status message received from Production:',
    )
  })

  test('needs no syntax that old sandboxes lack', () => {
    expect(source).not.toMatch(
      /\?\.|\?\?|\.replaceAll|\.\.\.|catch \{|\basync\b|^(?:im|ex)port\b/mu,
    )
  })
})
