import type { Clock, Notice, NoticeChannel } from '../model/index.ts'
import { ChannelQueue } from './channel-queue.ts'
import type { Outbox } from './outbox.ts'
import type { Hurry } from './patience.ts'

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
 * Delivers in the background, each channel for itself. Nobody waits for it before `close`, and
 * what goes wrong is told and kept, never thrown.
 */
export class Deliveries {
  readonly #queues: readonly ChannelQueue[]

  constructor({ channels, firstPauseMs = 500, ...options }: DeliveriesOptions) {
    this.#queues = channels.map(
      (channel) => new ChannelQueue(channel, { ...options, firstPauseMs }),
    )
  }

  /** To every channel that wants to hear of it. */
  deliver(notice: Notice): void {
    for (const queue of this.#queues) queue.add(notice)
  }

  /** Tries once more what could not be delivered before. */
  deliverKept(): void {
    for (const queue of this.#queues) queue.addKept()
  }

  /** Waits for each channel no longer than its own timeout, for all of them at once. */
  async close(hurry: Hurry): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close(hurry)))
  }
}
