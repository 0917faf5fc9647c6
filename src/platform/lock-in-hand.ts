import type { FileHandle } from 'node:fs/promises'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from '../model/index.ts'
import { lookAt, sweep, touchLockFile } from './lock-file.ts'
import type { LockRecord } from './lock-holder.ts'

/** A lock that this process holds, until `release` or the end of its `await using` block. */
export interface HeldLock extends AsyncDisposable {
  /** Gives it back; may be called again. A lock that was lost is left to whoever has it now. */
  release(): Promise<void>
  /** Aborts, with a Refusal, when somebody took the lock over because we seemed dead. */
  readonly lost: AbortSignal
}

interface Holding {
  readonly file: FileHandle
  readonly record: LockRecord
  readonly timing: { readonly heartbeatMs: number; readonly staleMs: number }
}

/** Shows signs of life while it is held, and notices when it is not ours any more. */
export class LockInHand implements HeldLock {
  readonly lost: AbortSignal
  readonly #path: string
  readonly #holding: Holding
  readonly #inode: bigint
  readonly #loss = new AbortController()
  readonly #timer: NodeJS.Timeout
  #beating: Promise<void> | null = null
  #lastBeat = performance.now()
  #released = false

  static async take(path: string, holding: Holding): Promise<LockInHand> {
    const { ino } = await holding.file.stat({ bigint: true })
    const lock = new LockInHand(path, holding, ino)
    try {
      await sweep(dirname(path), holding.file, holding.timing.staleMs)
      return lock
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  private constructor(path: string, holding: Holding, inode: bigint) {
    this.lost = this.#loss.signal
    this.#path = path
    this.#holding = holding
    this.#inode = inode
    this.#timer = setInterval(() => this.#startBeat(), holding.timing.heartbeatMs).unref()
  }

  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    clearInterval(this.#timer)
    await this.#beating
    try {
      if (!this.lost.aborted && (await this.#isOurs())) await rm(this.#path)
    } finally {
      await this.#holding.file.close()
    }
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
      if (!(await this.#isOurs())) return this.#lose()
      await touchLockFile(this.#holding.file, this.#holding.record)
      this.#lastBeat = performance.now()
    } catch (error) {
      // A network file system may be away for a moment; others count us dead only after a while.
      if (performance.now() - this.#lastBeat > this.#holding.timing.staleMs) this.#lose(error)
    }
  }

  /** The same file, with our token in it unless there never was room for one. */
  async #isOurs(): Promise<boolean> {
    const sight = await lookAt(this.#path)
    if (sight?.inode !== this.#inode) return false
    return sight.record === null || sight.record.token === this.#holding.record.token
  }

  #lose(cause?: unknown): void {
    clearInterval(this.#timer)
    this.#loss.abort(lockLost(cause))
  }
}

/** Why a run has to end when its lock is not its own any more. */
export function lockLost(cause?: unknown): Refusal {
  return new Refusal('This run has lost its lock on the volume.', {
    reason: 'It gave no sign of life for two minutes, so another run may have taken over.',
    advice: 'Run it again. If it happens again, look at the load and health of the volume.',
    cause,
  })
}
