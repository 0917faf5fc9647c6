import { accountLine, type Secret } from '../model/index.ts'
import type { HttpClient } from './http.ts'
import { type Hurry, notInTime, settledWithin } from './patience.ts'
import { tryOften } from './tries.ts'

/** What a ping says. */
export type PingKind = 'start' | 'good' | 'failed'

export interface PingOptions {
  /** null: not asked. */
  readonly urls: Readonly<Record<PingKind, Secret | null>>
  readonly timeoutMs: number
  readonly http: HttpClient
  readonly onProblem: (text: string) => void
  /** Default: 500. */
  readonly firstPauseMs?: number
}

const names = { start: 'PING_START_URL', good: 'PING_URL', failed: 'PING_FAIL_URL' } as const

/**
 * Tells a check that expects to hear from us. One ping after the other, in the background; what
 * does not get through is not kept, for a late ping would tell of the wrong run.
 */
export class Pings {
  readonly #options: PingOptions
  readonly #closing = new AbortController()
  #last: Promise<void> = Promise.resolve()
  #current = new AbortController()

  constructor(options: PingOptions) {
    this.#options = options
  }

  ping(kind: PingKind): void {
    const { onProblem, firstPauseMs = 500 } = this.#options
    // How it ended matters more than that it began, which may hang.
    this.#current.abort(notInTime())
    this.#current = new AbortController()
    const signal = AbortSignal.any([this.#closing.signal, this.#current.signal])
    const send = (): Promise<void> => this.send(kind, signal)
    this.#last = this.#last
      .then(() => tryOften(send, { signal, firstPauseMs }))
      .catch((error: unknown) => {
        onProblem(`The ping of ${names[kind]} did not get through: ${accountLine(error)}`)
      })
  }

  /**
   * One try of one that is configured, else nothing.
   * @throws {DeliveryProblem}
   */
  async send(kind: PingKind, signal: AbortSignal): Promise<void> {
    const { urls, http, timeoutMs } = this.#options
    const url = urls[kind]
    if (url === null) return
    const request = { name: names[kind], url, method: 'GET', headers: {}, body: null } as const
    await http.send({ ...request, timeoutMs }, signal)
  }

  /** Waits no longer than one timeout. */
  async close(hurry: Hurry): Promise<void> {
    await settledWithin(this.#options.timeoutMs, hurry, this.#last)
    this.#closing.abort(notInTime())
    await this.#last
  }
}
