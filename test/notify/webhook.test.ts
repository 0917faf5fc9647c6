import { expect, test } from 'vitest'
import { type Notice, Secret } from '../../src/model/index.ts'
import { openHttpClient, openWebhook } from '../../src/notify/index.ts'
import { type Received, startReceiver } from '../support/http-receiver.ts'

const notice: Notice = {
  kind: 'backup-succeeded',
  level: 'INFO',
  at: new Date('2026-11-20T01:02:03.456Z'),
  spec: 'postgres=db.example:5432/app',
  message: `It's "done" (100 %) & *well*~\nnext+line ü`,
  figures: { bytes: 1234, databaseBytes: 5678, durationMs: 2_400, tables: 3, rows: 40 },
}

async function sent(
  options: Partial<Parameters<typeof openWebhook>[1]>,
  friendlyName: string | null = 'My "Project"',
  what = notice,
): Promise<Received> {
  await using hook = await startReceiver()
  await using http = openHttpClient({ httpProxy: '', httpsProxy: '', noProxy: '' })
  const channel = openWebhook(http, {
    name: 'WEBHOOK_URL',
    url: new Secret(`${hook.url}/hooks/T0`),
    format: 'form',
    level: 'INFO',
    method: 'POST',
    headers: [],
    timeoutMs: 30_000,
    sender: { friendlyName, name: friendlyName === null ? null : 'my-project' },
    ...options,
  })
  await channel.send(what, new AbortController().signal)
  const [received] = hook.received
  if (received === undefined) throw new Error('Nothing came.')
  return received
}

test('form: the fields of the original in its order, encoded as curl does', async () => {
  const { method, path, headers, body } = await sent({ format: 'form' })

  expect([method, path]).toStrictEqual(['POST', '/hooks/T0'])
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
  expect(body).toBe(
    'projectFriendlyName=My%20%22Project%22&projectName=my-project&statusCode=INFO&message=' +
      'It%27s%20%22done%22%20%28100%20%25%29%20%26%20%2Awell%2A~%0Anext%2Bline%20%C3%BC',
  )
})

test('form: what is not configured is empty, not absent', async () => {
  const { body } = await sent({ format: 'form' }, null)

  expect(body).toMatch(/^projectFriendlyName=&projectName=&statusCode=INFO&message=/u)
})

test('json: the same four keys, and nothing that quotes could break', async () => {
  const { headers, body } = await sent({ format: 'json' })

  expect(headers['content-type']).toBe('application/json')
  expect(Object.entries(JSON.parse(body) as object)).toStrictEqual([
    ['projectFriendlyName', 'My "Project"'],
    ['projectName', 'my-project'],
    ['statusCode', 'INFO'],
    ['message', notice.message],
  ])
})

test('structured: a summary has its times, and its rows the names of the document', async () => {
  const { body } = await sent({ format: 'structured' }, null, {
    ...notice,
    kind: 'cycle',
    level: 'WARN',
    spec: null,
    figures: {
      durationMs: 2_400,
      databases: [
        { spec: 'db/a', ok: true, bytes: 7, durationMs: 1_400 },
        { spec: 'db/b', ok: false, problem: 'Not done: interrupted.' },
      ],
    },
  })
  const untyped = await sent({ format: 'structured' }, null, {
    ...notice,
    spec: 'db.example/app',
    engine: 'postgres',
  })

  expect(JSON.parse(body)).toMatchObject({
    status: 'failed',
    startedAt: '2026-11-20T01:02:01Z',
    durationSeconds: 2,
    totalDurationSeconds: 2,
    databases: [
      { spec: 'db/a', ok: true, dataAddedBytes: 7, durationSeconds: 1 },
      { spec: 'db/b', ok: false, problem: 'Not done: interrupted.' },
    ],
  })
  expect(JSON.parse(untyped.body)).toMatchObject({ dbType: 'postgres', host: 'db.example' })
})

test('structured: numbers are numbers, and what does not apply is absent', async () => {
  const { method, headers, body } = await sent({
    format: 'structured',
    method: 'PUT',
    headers: [
      ['Authorization', 'Bearer abc'],
      ['X-Extra', '1'],
    ],
  })

  expect(method).toBe('PUT')
  expect(headers).toMatchObject({ authorization: 'Bearer abc', 'x-extra': '1' })
  expect(JSON.parse(body)).toStrictEqual({
    status: 'success',
    message: notice.message,
    startedAt: '2026-11-20T01:02:01Z',
    finishedAt: '2026-11-20T01:02:03Z',
    durationSeconds: 2,
    dbType: 'postgres',
    host: 'db.example',
    dataAddedBytes: 1234,
    totalBytesProcessed: 5678,
    totalDurationSeconds: 2,
    event: 'backup-succeeded',
    level: 'INFO',
    spec: 'postgres=db.example:5432/app',
    tables: 3,
    rows: 40,
    projectFriendlyName: 'My "Project"',
    projectName: 'my-project',
  })
})
