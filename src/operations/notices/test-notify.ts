import {
  accountOf,
  type Notice,
  type NoticeLevel,
  noticeLevels,
  Refusal,
} from '../../model/index.ts'
import { Pings } from '../../notify/index.ts'
import type { Appliance } from '../appliance.ts'
import { placesOf } from './channels.ts'

/** What one place answered to one notice. */
export interface TestedNotice {
  readonly channel: string
  /** null: a ping. */
  readonly level: NoticeLevel | null
  /** null: it was taken. */
  readonly problem: ReturnType<typeof accountOf> | null
}

const pingNames = { start: 'PING_START_URL', failed: 'PING_FAIL_URL', good: 'PING_URL' } as const

/**
 * Sends one notice of each level to every channel, whatever its level, and asks each ping once,
 * that of success last. One try each.
 * @throws {Refusal} exit status 2, when there is none.
 */
export async function testNotify(appliance: Appliance): Promise<readonly TestedNotice[]> {
  const { configuration, environment, clock, signal, redacted } = appliance
  const { channels, settings, http } = placesOf(configuration.settings, environment)
  await using stack = new AsyncDisposableStack()
  stack.use(http)
  const tests = channels.flatMap((channel) =>
    // An incident of PagerDuty is always an error.
    (channel.name === 'PGDUTY_URL' ? (['ERROR'] as const) : noticeLevels).map((level) => ({
      channel: channel.name,
      level,
      send: () => channel.send(testNotice(level, clock.now()), signal),
    })),
  )
  const { pings: urls, timeoutMs } = settings
  const pings = new Pings({ urls, timeoutMs, http, onProblem: () => undefined })
  const asked = (['start', 'failed', 'good'] as const)
    .filter((kind) => urls[kind] !== null)
    .map((kind) => ({
      channel: pingNames[kind],
      level: null,
      send: () => pings.send(kind, signal),
    }))
  const all = [...tests, ...asked]
  if (all.length === 0) throw nowhere()
  const results: TestedNotice[] = []
  for (const { send, channel, level } of all) {
    const problem = await problemOf(send, signal)
    results.push({ channel, level, problem: problem && cleaned(problem, redacted) })
  }
  return results
}

async function problemOf(
  send: () => Promise<void>,
  signal: AbortSignal,
): Promise<TestedNotice['problem']> {
  try {
    await send()
    return null
  } catch (error) {
    signal.throwIfAborted()
    return accountOf(error)
  }
}

function cleaned(
  { message, reason, advice }: ReturnType<typeof accountOf>,
  redacted: (text: string) => string,
): ReturnType<typeof accountOf> {
  return { message: redacted(message), reason: redacted(reason), advice: redacted(advice) }
}

function testNotice(level: NoticeLevel, at: Date): Notice {
  const message = `This is a test of notices of level ${level}. Nothing has happened.`
  return { kind: 'test', level, at, spec: null, message, figures: {} }
}

function nowhere(): Refusal {
  return new Refusal('There is nobody to notify.', {
    reason: 'No channel is configured.',
    advice: 'Set WEBHOOK_URL or another channel; docs/notifications.md has all of them.',
    exitStatus: 2,
  })
}
