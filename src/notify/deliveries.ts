import { accountOf, type Clock, type Notice, type NoticeChannel, Refusal } from '../model/index.ts'
import type { Outbox } from './outbox.ts'
import { PartlyDelivered } from './partly-delivered.ts'
import { notInTime, type Patience, settledWithin } from './patience.ts'
import { tryOften } from './tries.ts'

export interface DeliveriesOptions {
  readonly channels: readonly NoticeChannel[]
  /** null: nothing may be written; what is not delivered is lost, and that is told. */
  readonly outbox: Outbox | null
  readonly clock: Clock
  /** One line for people about what was not delivered. */
  readonly onProblem: (text: string) => void
  /** Before the second try, in milliseconds; the next pause is four times as long. Default: 500. */
  readonly firstPauseMs?: number
}

/**
 * Delivers in the background, each channel for itself and in order. Nobody waits for it before
 * `close`, and what goes wrong is told and kept, never thrown.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #ends = new Map<NoticeChannel, Promise<void>>()
  readonly #closing = new AbortController()

  constructor(options: DeliveriesOptions) {
    this.#options = options
  }

  /** To every channel that wants to hear of it. */
  deliver(notice: Notice): void {
    for (const channel of this.#options.channels) {
      if (isMeant(channel, notice)) this.#queue(channel, () => this.#deliverTo(channel, notice))
    }
  }

  /** Tries once more what could not be delivered before. */
  deliverKept(): void {
    for (const channel of this.#options.channels) {
      this.#queue(channel, () => this.#deliverKeptTo(channel))
    }
  }

  /** Waits no longer than there is patience; what is under way or waits then is kept for later. */
  async close(patience: Patience): Promise<void> {
    await settledWithin(patience, this.#ends.values())
    this.#closing.abort(notInTime())
    await Promise.all(this.#ends.values())
  }

  #queue(channel: NoticeChannel, work: () => Promise<void>): void {
    const before = this.#ends.get(channel) ?? Promise.resolve()
    const end = before.then(work).catch((error: unknown) => {
      this.#options.onProblem(`${channel.name}: ${oneLine(error)}`)
    })
    this.#ends.set(channel, end)
  }

  async #deliverTo(channel: NoticeChannel, notice: Notice): Promise<void> {
    const { signal } = this.#closing
    const { firstPauseMs = 500 } = this.#options
    try {
      await tryOften(() => channel.send(notice, signal), { signal, firstPauseMs })
    } catch (error) {
      // Kept, it would go once more to those who have it.
      if (error instanceof PartlyDelivered) return this.#options.onProblem(oneLine(error))
      await this.#keep(channel, notice, error)
    }
  }

  async #keep(channel: NoticeChannel, notice: Notice, problem: unknown): Promise<void> {
    const { outbox, onProblem } = this.#options
    const what = `A notice (${notice.kind}) was not delivered: ${oneLine(problem)}`
    if (outbox === null) return onProblem(`${what} It is lost.`)
    try {
      const gone = await outbox.keep({ channel: channel.name, notice })
      const lost = gone === 0 ? '' : ' The oldest that was kept is lost.'
      onProblem(`${what} It is kept, and tried again later.${lost}`)
    } catch (error) {
      onProblem(`${what} It is lost, for it cannot be kept: ${accountOf(error).message}`)
    }
  }

  /** A channel that is down will not take the next either; one that refuses a notice may. */
  async #deliverKeptTo(channel: NoticeChannel): Promise<void> {
    const { outbox, clock, onProblem } = this.#options
    const { signal } = this.#closing
    if (outbox === null || signal.aborted) return
    for await (const kept of outbox.take(channel.name, clock.now())) {
      try {
        signal.throwIfAborted()
        await channel.send(kept.notice, signal)
        await kept.settle()
      } catch (error) {
        await kept.putBack()
        onProblem(`A notice of before was not delivered either: ${oneLine(error)}`)
        if (!(error instanceof Refusal) || error.mayPass) return
      }
    }
  }
}

function isMeant({ level }: NoticeChannel, notice: Notice): boolean {
  return severity[notice.level] >= severity[level]
}

const severity = { INFO: 0, WARN: 1, ERROR: 2 } as const

function oneLine(error: unknown): string {
  const { message, reason, advice } = accountOf(error)
  return [message, reason, advice].filter((text) => text !== '').join(' ')
}
