import type { CheckedArchive } from '../archive/archive.ts'
import { Claims } from './claims.ts'
import { Follower } from './follower.ts'
import type { Lane } from './lane.ts'
import { DumpSplitter } from './split/dump-splitter.ts'
import type { Tally } from './tally.ts'

/** One who reads the archive beside the loader; see `Follower`. */
export class Following {
  readonly claims = new Claims()
  readonly #done: Promise<Tally>

  constructor(archive: CheckedArchive, lane: Lane, signal: AbortSignal) {
    this.#done = follow(archive, { lane, signal, claims: this.claims })
    // Whoever fails aborts the load, and is asked at its end.
    this.#done.catch(() => undefined)
  }

  /** Resolves with its counts when it has come to where it has nothing more to do. */
  async end(): Promise<Tally> {
    this.claims.refuse()
    return await this.#done
  }

  /** To be called when the load is over and `signal` has aborted; leaves nothing running. */
  async close(): Promise<void> {
    this.claims.refuse()
    await this.#done.catch(() => undefined)
  }
}

interface Setting {
  readonly lane: Lane
  readonly signal: AbortSignal
  readonly claims: Claims
}

async function follow(archive: CheckedArchive, { lane, signal, claims }: Setting): Promise<Tally> {
  const splitter = new DumpSplitter()
  const follower = new Follower(lane, signal, { claims, splitter })
  reading: for await (const chunk of archive.openSql(signal)) {
    for (const piece of splitter.push(chunk)) if (!(await follower.take(piece))) break reading
    signal.throwIfAborted()
  }
  await follower.finish()
  return follower.tally
}
