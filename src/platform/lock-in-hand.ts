import { Refusal } from '../model/index.ts'

/** A lock that this process holds, until `release` or the end of its `await using` block. */
export interface HeldLock extends AsyncDisposable {
  /** Gives it back; may be called again. A lock that was lost is left to whoever has it now. */
  release(): Promise<void>
  /** Aborts, with a Refusal, when somebody took the lock over because we seemed dead. */
  readonly lost: AbortSignal
}

/** How often a holder shows a sign of life, and how long it may be silent, in milliseconds. */
export interface LockTiming {
  readonly heartbeatMs: number
  readonly staleMs: number
}

/** What is held, wherever locks are kept. */
export interface LockKeeping {
  readonly timing: LockTiming
  /** Whether nobody took it over. */
  isOurs(): Promise<boolean>
  /** Shows a sign of life. */
  touch(): Promise<void>
  /** Called once; `lost`: it is not ours any more, and only what belongs to us may be closed. */
  giveBack(lost: boolean): Promise<void>
}

/** Shows signs of life while it is held, and notices when it is not ours any more. */
export class LockInHand implements HeldLock {
  readonly lost: AbortSignal
  readonly #keeping: LockKeeping
  readonly #loss = new AbortController()
  readonly #timer: NodeJS.Timeout
  #beating: Promise<void> | null = null
  #lastBeat = performance.now()
  #released = false

  constructor(keeping: LockKeeping) {
    this.lost = this.#loss.signal
    this.#keeping = keeping
    this.#timer = setInterval(() => this.#startBeat(), keeping.timing.heartbeatMs).unref()
  }

  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    clearInterval(this.#timer)
    await this.#beating
    await this.#keeping.giveBack(this.lost.aborted)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  #startBeat(): void {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = null
    })
  }

  async #beat(): Promise<void> {
    try {
      if (!(await this.#keeping.isOurs())) return this.#lose()
      await this.#keeping.touch()
      this.#lastBeat = performance.now()
    } catch (error) {
      // What keeps it may be away for a moment; others count us dead only after a while.
      if (performance.now() - this.#lastBeat > this.#keeping.timing.staleMs) this.#lose(error)
    }
  }

  #lose(cause?: unknown): void {
    clearInterval(this.#timer)
    this.#loss.abort(
      new Refusal('This run has lost its lock on the volume.', {
        reason: 'It gave no sign of life for two minutes, so another run may have taken over.',
        advice: 'Run it again. If it happens again, look at the load and health of the volume.',
        cause,
      }),
    )
  }
}
