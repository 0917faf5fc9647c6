import {
  accountLine,
  type Clock,
  type Notice,
  type NoticeChannel,
  Refusal,
} from '../model/index.ts'
import { DeliveryProblem } from './delivery-problem.ts'
import type { InHand, Outbox } from './outbox.ts'
import { PartlyDelivered } from './partly-delivered.ts'
import { type Hurry, noTurn, notInTime, settledWithin } from './patience.ts'
import { tryOften } from './tries.ts'
import { Undelivered } from './undelivered.ts'

export interface QueueOptions {
  readonly outbox: Outbox | null
  readonly clock: Clock
  readonly onProblem: (text: string) => void
  readonly firstPauseMs: number
}

/**
 * What one channel has still to do: what is worst first, then what is older. What it does not take
 * is told of in one line when nothing is left to try.
 */
export class ChannelQueue {
  readonly #channel: NoticeChannel
  readonly #options: QueueOptions
  readonly #undelivered: Undelivered
  readonly #closing = new AbortController()
  readonly #waiting: Notice[] = []
  #kept: AsyncGenerator<InHand> | null = null
  #inHand: InHand | null = null
  #work: Promise<void> | null = null
  /** After which no more is begun, as `performance.now()` has it; null: no end is in sight. */
  #deadline: number | null = null
  /** How long it took to answer last. */
  #answerMs = 0

  constructor(channel: NoticeChannel, options: QueueOptions) {
    this.#channel = channel
    this.#options = options
    this.#undelivered = new Undelivered(channel.name, options)
  }

  add(notice: Notice): void {
    if (severity[notice.level] < severity[this.#channel.level]) return
    this.#waiting.push(notice)
    this.#wake()
  }

  /** Tries once more what could not be delivered before. */
  addKept(): void {
    const { outbox, clock } = this.#options
    if (outbox === null || this.#kept !== null) return
    this.#kept = outbox.take(this.#channel.name, clock.now())
    this.#wake()
  }

  /**
   * Waits no longer than one timeout of the channel. What is under way then had its time; nothing
   * is begun that would not have it. All else is kept for later.
   */
  async close(hurry: Hurry): Promise<void> {
    const { timeoutMs } = this.#channel
    const endWithin = (ms: number): void => {
      this.#deadline = Math.min(this.#deadline ?? Number.POSITIVE_INFINITY, performance.now() + ms)
    }
    const hasten = (): void => endWithin(hurry.hurriedMs)
    endWithin(timeoutMs)
    hurry.ending.addEventListener('abort', hasten, { once: true })
    if (hurry.ending.aborted) hasten()
    await settledWithin(timeoutMs, hurry, this.#work ?? Promise.resolve())
    hurry.ending.removeEventListener('abort', hasten)
    this.#closing.abort(notInTime())
    await this.#work
  }

  /** Begins in the next turn: what is added together is looked at together. */
  #wake(): void {
    this.#work ??= Promise.resolve().then(() => this.#workOff())
  }

  async #workOff(): Promise<void> {
    do {
      try {
        await this.#deliverAll()
        await this.#undelivered.tell()
      } catch (error) {
        this.#tell(error)
      }
    } while (this.#waiting.length > 0 || this.#kept !== null)
    this.#work = null
  }

  async #deliverAll(): Promise<void> {
    for (;;) {
      await this.#peekKept()
      const worst = this.#worst()
      const kept = this.#inHand
      if (kept !== null && !isWorse(worst, kept.notice)) await this.#deliverKept(kept)
      else if (worst !== null) await this.#deliver(worst)
      else return
    }
  }

  async #peekKept(): Promise<void> {
    if (this.#kept === null || this.#inHand !== null) return
    try {
      const { value, done } = await this.#kept.next()
      if (done === true) this.#kept = null
      else this.#inHand = value
    } catch (error) {
      this.#kept = null
      this.#tell(error)
    }
  }

  #worst(): Notice | null {
    let worst: Notice | null = null
    for (const notice of this.#waiting) if (worst === null || isWorse(notice, worst)) worst = notice
    return worst
  }

  async #deliver(notice: Notice): Promise<void> {
    this.#waiting.splice(this.#waiting.indexOf(notice), 1)
    const { firstPauseMs } = this.#options
    const { signal } = this.#closing
    try {
      if (!this.#hasTime(0)) throw noTurn(this.#answerMs)
      const mayWait = (pauseMs: number): boolean => this.#hasTime(pauseMs)
      await tryOften(() => this.#send(notice), { signal, firstPauseMs, mayWait })
    } catch (error) {
      // Kept, it would go once more to those who have it.
      if (error instanceof PartlyDelivered) this.#tell(error)
      else await this.#undelivered.keep(notice, error)
    }
  }

  /** A channel that is down will not take the next either; one that refuses a notice may. */
  async #deliverKept(kept: InHand): Promise<void> {
    this.#inHand = null
    try {
      if (!this.#hasTime(0)) throw noTurn(this.#answerMs)
      await this.#send({ ...kept.notice, isLate: true })
      await kept.settle()
    } catch (error) {
      const isGivenUp = await this.#undelivered.putBack(kept, error)
      if (!isGivenUp && concernsAll(error)) await this.#leaveKept()
    }
  }

  async #leaveKept(): Promise<void> {
    await this.#kept?.return(undefined)
    this.#kept = null
  }

  async #send(notice: Notice): Promise<void> {
    const { signal } = this.#closing
    signal.throwIfAborted()
    const begun = performance.now()
    try {
      await this.#channel.send(notice, signal)
    } finally {
      this.#answerMs = performance.now() - begun
    }
  }

  /** Whether there is time for one more after so many milliseconds, if it takes as long as the last. */
  #hasTime(afterMs: number): boolean {
    if (this.#deadline === null) return true
    return performance.now() + afterMs + this.#answerMs < this.#deadline
  }

  #tell(error: unknown): void {
    this.#options.onProblem(`${this.#channel.name}: ${accountLine(error)}`)
  }
}

function concernsAll(error: unknown): boolean {
  if (error instanceof DeliveryProblem) return !error.concernsNotice
  return !(error instanceof Refusal) || error.mayPass
}

function isWorse(notice: Notice | null, other: Notice): boolean {
  return notice !== null && severity[notice.level] > severity[other.level]
}

const severity = { INFO: 0, WARN: 1, ERROR: 2 } as const
