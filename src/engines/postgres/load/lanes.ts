import type { Lane } from './lane.ts'
import type { RowsPiece } from './split/dump-splitter.ts'

/**
 * The connections of a parallel load. The first one runs all that must be done in order; every
 * other serves rows, indexes and constraints beside it.
 */
export class Lanes {
  readonly all: readonly Lane[]
  readonly first: Lane
  readonly #signal: AbortSignal

  constructor(all: readonly [Lane, ...Lane[]], signal: AbortSignal) {
    this.all = all
    this.first = all[0]
    this.#signal = signal
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  /** Resolves when nothing is under way on any of them. */
  async settled(lanes = this.all): Promise<void> {
    await Promise.all(lanes.map((lane) => lane.settled(this.#signal)))
  }

  /** All but the first one. */
  get others(): readonly Lane[] {
    return this.all.slice(1)
  }

  async othersSettled(): Promise<void> {
    await this.settled(this.others)
  }

  /** The one with the least to do, as soon as one has room. */
  async withRoom(lanes: readonly Lane[]): Promise<Lane> {
    const free = lanes.filter((lane) => !lane.isFull)
    if (free.length === 0) {
      await Promise.race(lanes.map((lane) => lane.room(this.#signal)))
      this.#signal.throwIfAborted()
      return await this.withRoom(lanes)
    }
    return free.reduce((least, lane) => (lane.queuedBytes < least.queuedBytes ? lane : least))
  }
}

/** What is sent around the rows of a table. */
export interface Envelope {
  readonly before: Buffer
  readonly after: Buffer
  readonly line: number | null
}

/** A COPY as the dump has it. */
export function plainCopy({ text, line }: CopyStatement): Envelope {
  return { before: Buffer.concat([text, Buffer.from('\n')]), after: endOfRows, line }
}

/**
 * A COPY into a table that is made anew in the same transaction: a server with the lowest
 * `wal_level` then writes no WAL for its rows. A table that has rows already, because the dump fills
 * it twice, fails (a division by zero) before it loses them.
 */
export function wholeTableCopy({ text, line }: CopyStatement, table: string): Envelope {
  const before = [
    'BEGIN;',
    `LOCK TABLE ONLY ${table} IN ACCESS EXCLUSIVE MODE;`,
    `SELECT 1 / (NOT EXISTS (SELECT FROM ONLY ${table}))::pg_catalog.int4;`,
    `TRUNCATE TABLE ONLY ${table};`,
    '',
  ].join('\n')
  return {
    before: Buffer.concat([Buffer.from(before), text, Buffer.from('\n')]),
    after: Buffer.concat([endOfRows, Buffer.from('COMMIT;\n')]),
    // The lines before it stand in no dump.
    line: line === null ? null : line - linesIn(Buffer.from(before)),
  }
}

interface CopyStatement {
  readonly text: Buffer
  readonly line: number | null
}

/** The rows of one table on their way, spread over some lanes in whole rows. */
export class CopyOnLanes {
  readonly #envelope: Envelope
  readonly #lanes: Lanes
  readonly #allowed: readonly Lane[]
  readonly #open = new Set<Lane>()
  #unfinished: Lane | null = null

  constructor(envelope: Envelope, lanes: Lanes, allowed: readonly Lane[]) {
    this.#envelope = envelope
    this.#lanes = lanes
    this.#allowed = allowed
  }

  /** Gives the rows to a lane with room; the rest of a row goes where its beginning went. */
  async rows({ bytes, rows, whole }: RowsPiece): Promise<void> {
    const lane = this.#unfinished ?? (await this.#lanes.withRoom(this.#allowed))
    if (this.#unfinished !== null && lane.isFull) await lane.room(this.#lanes.signal)
    this.#openOn(lane)
    bytes.forEach((part, index) => lane.write(part, index === 0 ? rows : 0))
    this.#unfinished = whole ? null : lane
  }

  /** A table without rows is copied, too: that its columns are there is worth knowing. */
  async end(): Promise<void> {
    if (this.#open.size === 0) this.#openOn(await this.#lanes.withRoom(this.#allowed))
    const { after } = this.#envelope
    for (const lane of this.#open) lane.write(after, linesIn(after))
  }

  #openOn(lane: Lane): void {
    if (this.#open.has(lane)) return
    this.#open.add(lane)
    const { before, line } = this.#envelope
    lane.mark(line)
    lane.write(before, linesIn(before))
  }
}

const endOfRows = Buffer.from('\\.\n')

export function linesIn(text: Buffer): number {
  let lines = 0
  for (const byte of text) if (byte === 0x0a) lines += 1
  return lines
}
