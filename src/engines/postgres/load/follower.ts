import type { Claims } from './claims.ts'
import type { Lane } from './lane.ts'
import { CopyOnLanes, Lanes, linesIn, wholeTableCopy } from './lanes.ts'
import type { DumpSplitter, Piece } from './split/dump-splitter.ts'
import { copiedTable, Tally } from './tally.ts'
import { meaningOf } from './understand.ts'

type Copy = Extract<Piece, { kind: 'copy' }>

/**
 * Reads the archive beside the loader, on a lane of its own: takes over its settings, then the
 * tables that it comes to first. It ends where anything else begins, for that is the loader's.
 */
export class Follower {
  readonly tally = new Tally()
  readonly #lane: Lane
  readonly #lanes: Lanes
  readonly #claims: Claims
  readonly #splitter: DumpSplitter
  #tables = 0
  #copy: CopyOnLanes | null = null

  constructor(
    lane: Lane,
    signal: AbortSignal,
    { claims, splitter }: { readonly claims: Claims; readonly splitter: DumpSplitter },
  ) {
    this.#lane = lane
    this.#lanes = new Lanes([lane], signal)
    this.#claims = claims
    this.#splitter = splitter
  }

  /** @returns false when it has nothing to do with what follows. */
  async take(piece: Piece): Promise<boolean> {
    switch (piece.kind) {
      case 'statement':
        this.tally.hear(piece)
        return this.#statement(piece.text)
      case 'copy':
        return await this.#begin(piece)
      case 'rows':
        this.tally.hear(piece)
        await this.#copy?.rows(piece)
        return true
      case 'copy-end':
        await this.#copy?.end()
        this.#copy = null
        return true
      case 'rest':
        return false
    }
  }

  async finish(): Promise<void> {
    await this.#lane.settled(this.#lanes.signal)
  }

  #statement(text: Buffer): boolean {
    const { kind } = meaningOf(text.toString('utf8'))
    if (kind === 'setting') {
      this.#lane.write(Buffer.concat([text, Buffer.from('\n')]), linesIn(text) + 1)
      return true
    }
    if (kind === 'aside') return true
    // The schema is the loader's.
    return this.#tables === 0 && (kind === 'in-order' || kind === 'parallel')
  }

  async #begin(copy: Copy): Promise<boolean> {
    if (!(await this.#claims.decided)) return false
    const table = copiedTable(copy.text)
    const index = this.#tables
    this.#tables += 1
    if (this.#claims.mayHave(this.tally.fullName(table)) && this.#claims.take(index)) {
      this.tally.hear(copy)
      this.#copy = new CopyOnLanes(wholeTableCopy(copy, table), this.#lanes, [this.#lane])
    } else {
      this.#splitter.skipRows()
    }
    return true
  }
}
