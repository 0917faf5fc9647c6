import {
  accountLine,
  type Clock,
  type Notice,
  type NoticeChannel,
  Refusal,
} from '../model/index.ts'
import type { Outbox } from './outbox.ts'
import { PartlyDelivered } from './partly-delivered.ts'
import { type Hurry, notInTime, settledWithin } from './patience.ts'
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

/** What one channel has still to do. */
interface Queue {
  end: Promise<void>
  readonly closing: AbortController
}

/**
 * Delivers in the background, each channel for itself and in order. Nobody waits for it before
 * `close`, and what goes wrong is told and kept, never thrown.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #queues: ReadonlyMap<NoticeChannel, Queue>

  constructor(options: DeliveriesOptions) {
    this.#options = options
    this.#queues = new Map(options.channels.map((channel) => [channel, emptyQueue()]))
  }

  /** To every channel that wants to hear of it. */
  deliver(notice: Notice): void {
    for (const [channel, queue] of this.#queues) {
      if (!isMeant(channel, notice)) continue
      this.#add(channel, queue, (signal) => this.#deliverTo(channel, notice, signal))
    }
  }

  /** Tries once more what could not be delivered before. */
  deliverKept(): void {
    for (const [channel, queue] of this.#queues) {
      this.#add(channel, queue, (signal) => this.#deliverKeptTo(channel, signal))
    }
  }

  /**
   * Waits for each channel no longer than its own timeout, for all of them at once; what is under
   * way or waits then is kept for later.
   */
  async close(hurry: Hurry): Promise<void> {
    const closed = [...this.#queues].map(async ([{ timeoutMs }, queue]) => {
      await settledWithin(timeoutMs, hurry, queue.end)
      queue.closing.abort(notInTime())
      await queue.end
    })
    await Promise.all(closed)
  }

  #add(channel: NoticeChannel, queue: Queue, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = queue.closing
    queue.end = queue.end
      .then(() => work(signal))
      .catch((error: unknown) => {
        this.#options.onProblem(`${channel.name}: ${accountLine(error)}`)
      })
  }

  async #deliverTo(channel: NoticeChannel, notice: Notice, signal: AbortSignal): Promise<void> {
    const { firstPauseMs = 500 } = this.#options
    try {
      await tryOften(() => channel.send(notice, signal), { signal, firstPauseMs })
    } catch (error) {
      // Kept, it would go once more to those who have it.
      if (error instanceof PartlyDelivered) return this.#options.onProblem(accountLine(error))
      await this.#keep(channel, notice, error)
    }
  }

  async #keep(channel: NoticeChannel, notice: Notice, problem: unknown): Promise<void> {
    const { outbox, onProblem } = this.#options
    const what = `A notice (${notice.kind}) was not delivered: ${accountLine(problem)}`
    if (outbox === null) return onProblem(`${what} It is lost.`)
    try {
      const gone = await outbox.keep({ channel: channel.name, notice })
      const lost = gone === 0 ? '' : ' The oldest that was kept is lost.'
      onProblem(`${what} It is kept, and tried again later.${lost}`)
    } catch (error) {
      onProblem(`${what} It is lost, for it cannot be kept: ${accountLine(error)}`)
    }
  }

  /** A channel that is down will not take the next either; one that refuses a notice may. */
  async #deliverKeptTo(channel: NoticeChannel, signal: AbortSignal): Promise<void> {
    const { outbox, clock, onProblem } = this.#options
    if (outbox === null || signal.aborted) return
    for await (const kept of outbox.take(channel.name, clock.now())) {
      try {
        signal.throwIfAborted()
        await channel.send(kept.notice, signal)
        await kept.settle()
      } catch (error) {
        await kept.putBack()
        onProblem(`A notice of before was not delivered either: ${accountLine(error)}`)
        if (!(error instanceof Refusal) || error.mayPass) return
      }
    }
  }
}

function emptyQueue(): Queue {
  return { end: Promise.resolve(), closing: new AbortController() }
}

function isMeant({ level }: NoticeChannel, notice: Notice): boolean {
  return severity[notice.level] >= severity[level]
}

const severity = { INFO: 0, WARN: 1, ERROR: 2 } as const
