import {
  accountOf,
  type Notice,
  type NoticeChannel,
  type NoticeLevel,
  noticeLevels,
  Refusal,
} from '../../model/index.ts'
import { Pings } from '../../notify/index.ts'
import type { Appliance } from '../appliance.ts'
import { type Places, placesOf } from './channels.ts'

/** What one place answered to one notice. */
export interface TestedNotice {
  readonly channel: string
  /** null: a ping. */
  readonly level: NoticeLevel | null
  /** The level from which on the channel is told outside of tests; null: a ping. */
  readonly toldFrom: NoticeLevel | null
  /** null: it was taken. */
  readonly problem: ReturnType<typeof accountOf> | null
}

type Attempt = Omit<TestedNotice, 'problem'> & { readonly send: () => Promise<void> }

const pingNames = { start: 'PING_START_URL', failed: 'PING_FAIL_URL', good: 'PING_URL' } as const

/**
 * Sends one notice of each level to every channel, whatever its level, and asks each ping once,
 * that of success last. One try each, and all channels at once: one that hangs holds up no other.
 * @throws {Refusal} exit status 2, when there is none.
 */
export async function testNotify(appliance: Appliance): Promise<readonly TestedNotice[]> {
  const { configuration, environment, signal, redacted, tell } = appliance
  const places = placesOf(configuration.settings, environment)
  await using stack = new AsyncDisposableStack()
  stack.use(places.http)
  for (const text of places.warnings) tell({ kind: 'warning', database: null, text })
  const all = [
    ...places.channels.map((channel) => attemptsAt(channel, appliance)),
    pingsOf(places, signal),
  ]
  if (all.flat().length === 0) throw nowhere()
  const results = all.map(async (attempts) => {
    const tested: TestedNotice[] = []
    for (const { send, ...about } of attempts) {
      const problem = await problemOf(send, signal)
      tested.push({ ...about, problem: problem && cleaned(problem, redacted) })
    }
    return tested
  })
  return (await Promise.all(results)).flat()
}

function attemptsAt(channel: NoticeChannel, { clock, signal }: Appliance): readonly Attempt[] {
  // An incident of PagerDuty is always an error.
  const levels = channel.name === 'PGDUTY_URL' ? (['ERROR'] as const) : noticeLevels
  return levels.map((level) => ({
    channel: channel.name,
    level,
    toldFrom: channel.level,
    send: () => channel.send(testNotice(level, clock.now()), signal),
  }))
}

function pingsOf({ settings, http }: Places, signal: AbortSignal): readonly Attempt[] {
  const { pings: urls, timeoutMs } = settings
  const pings = new Pings({ urls, timeoutMs, http, onProblem: () => undefined })
  return (['start', 'failed', 'good'] as const)
    .filter((kind) => urls[kind] !== null)
    .map((kind) => ({
      channel: pingNames[kind],
      level: null,
      toldFrom: null,
      send: () => pings.send(kind, signal),
    }))
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
