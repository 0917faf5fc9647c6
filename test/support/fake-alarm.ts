import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { Alarm } from '../../src/platform/index.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that a test moves. Whoever waits for it wakes up in order, each at its own time. */
export class FakeAlarm implements Alarm {
  #now: number
  #sleepers: Sleeper[] = []

  constructor(start: Date) {
    this.#now = start.getTime()
  }

  now(): Date {
    return new Date(this.#now)
  }

  async waitUntil(instant: Date, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper = { at: instant.getTime(), wake: resolve }
    const giveUp = (): void => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
      reject(signal.reason as Error)
    }
    this.#sleepers.push(sleeper)
    signal.addEventListener('abort', giveUp)
    return promise.finally(() => signal.removeEventListener('abort', giveUp))
  }

  /** Lets all of it pass that happens until `end`, and makes it `end`. */
  async passUntil(end: Date): Promise<void> {
    for (;;) {
      await letOthersRun()
      const next = this.#sleepers.toSorted((left, right) => left.at - right.at)[0]
      if (next === undefined || next.at > end.getTime()) break
      this.#now = Math.max(this.#now, next.at)
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      next.wake()
    }
    this.#now = end.getTime()
  }

  /** Sets the clock as an administrator does. Back, it wakes all who wait for it. */
  set(to: Date): void {
    const isBack = to.getTime() < this.#now
    this.#now = to.getTime()
    if (!isBack) return
    const sleepers = this.#sleepers
    this.#sleepers = []
    for (const { wake } of sleepers) wake()
  }
}
