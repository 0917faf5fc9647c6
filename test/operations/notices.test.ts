import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { openNotices } from '../../src/operations/index.ts'
import { systemClock } from '../../src/platform/index.ts'
import { read } from '../config/read.ts'
import { answerWith, startReceiver } from '../support/http-receiver.ts'
import { temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Told {
  readonly message: string
}

test('the service tries again every ten minutes what was not delivered', async () => {
  await using folder = temporaryFolder()
  await using hook = await startReceiver({ answer: answerWith(404) })
  const environment = { BACKUP_DIR: folder.path, WEBHOOK_URL: hook.url, WEBHOOK_FORMAT: 'json' }
  const outbox = folder.join('.catalog', 'outbox')
  const kept = async (): Promise<number> =>
    (await readdir(outbox)).filter((name) => name.endsWith('.json') && !name.startsWith('.')).length
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const notices = openNotices(
    { verb: null, dryRun: false, mayWrite: true },
    {
      configuration: await read(environment),
      environment,
      clock: systemClock,
      redacted: (text) => text,
      onProblem: () => undefined,
      onLongWait: () => undefined,
      byPerson: false,
      ending: new AbortController().signal,
    },
  )

  notices?.begin()
  await hook.waitFor(1)
  await waitUntil('a notice in the outbox', async () => existsSync(outbox) && (await kept()) === 1)
  hook.answer(answerWith(200))
  vi.advanceTimersByTime(10 * 60_000 - 1)
  const before = hook.received.length
  vi.advanceTimersByTime(1)
  await hook.waitFor(2)
  await notices?.end(0)

  expect(before).toBe(1)
  const [first, second] = hook.received.map(({ body }) => (JSON.parse(body) as Told).message)
  expect(first).toBe('Starting backup server in legacy mode ...')
  expect(second).toMatch(
    /^Starting backup server in legacy mode \.\.\.\n\(of .* delivered late\)$/u,
  )
  expect(await kept()).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})
