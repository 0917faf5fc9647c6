import { runBatch, type Unit } from './batch.ts'
import { CopyOnLanes, type Lanes, linesIn } from './lanes.ts'
import { Phases } from './phases.ts'
import { SchemaSoFar } from './schema-so-far.ts'
import type { Piece } from './split/dump-splitter.ts'
import { copiedTable, Tally } from './tally.ts'
import { type Meaning, meaningOf } from './understand.ts'

/** So many statements are looked at together for what may run beside what. */
const mostUnits = 2_000

type Statement = Extract<Piece, { kind: 'statement' | 'copy' }>

/**
 * Gives the pieces of a dump to the lanes so that the result is that of one connection. What runs
 * in order goes to the first lane without waiting for it; whoever needs another lane waits first.
 */
export class Loader {
  readonly tally = new Tally()
  readonly phases = new Phases()
  readonly #lanes: Lanes
  readonly #onSpread: () => void
  readonly #schema = new SchemaSoFar()
  #units: Unit[] = []
  #copy: CopyOnLanes | null = null
  /** Rows may be under way on lanes other than the first. */
  #spread = false
  /** A transaction is open in the first lane: only that may go on. */
  #inTransaction = false
  /** Something was not understood: from there on all goes to the first lane. */
  #oneOnly = false

  /** @param onSpread is told when something begins to run on several lanes. */
  constructor(lanes: Lanes, onSpread: () => void) {
    this.#lanes = lanes
    this.#onSpread = onSpread
    this.phases.begin('schema')
  }

  async take(piece: Piece): Promise<void> {
    this.tally.hear(piece)
    switch (piece.kind) {
      case 'statement':
        return await this.#statement(piece)
      case 'copy':
        return await this.#beginCopy(piece)
      case 'rows':
        return await this.#copy?.rows(piece)
      case 'copy-end':
        return await this.#endCopy()
      case 'rest':
        return await this.#rest(piece.bytes, piece.line)
    }
  }

  async finish(): Promise<void> {
    await this.#runUnits()
    await this.#lanes.settled()
  }

  async #statement(statement: Statement): Promise<void> {
    const meaning = this.#oneOnly ? { kind: 'unknown' as const } : this.#meaningOf(statement)
    if (meaning.kind === 'parallel') return await this.#collect(statement, meaning)
    await this.#runUnits()
    if (meaning.kind === 'setting') return this.#onAll(statement)
    if (meaning.kind === 'aside') return await this.#onFirst(statement)
    if (this.#spread) await this.#lanes.settled()
    this.#spread = false
    if (meaning.kind === 'begin') this.#inTransaction = true
    if (meaning.kind === 'commit') this.#inTransaction = false
    if (meaning.kind === 'unknown') this.#oneOnly = true
    await this.#onFirst(statement)
  }

  /** A statement of megabytes is one thing, and nothing to look for words in. */
  #meaningOf({ text }: Statement): Meaning {
    const words = text.toString('utf8')
    this.#schema.learn(words, (name) => this.tally.fullName(name))
    const meaning = meaningOf(words)
    if (meaning.kind !== 'parallel') return meaning
    if (this.#inTransaction) return { kind: 'in-order' }
    const { alone, shared } = meaning.needs
    const needs = { alone: alone.map(this.#full), shared: shared.map(this.#full) }
    // Keys of partitioned tables lock their partitions, too.
    const reaches = [...needs.alone, ...needs.shared].some((name) => this.#schema.isDivided(name))
    const isKey = needs.alone.length > 1 && shared.length === 0
    return reaches && isKey ? { kind: 'in-order' } : { ...meaning, needs }
  }

  readonly #full = (name: string): string => this.tally.fullName(name)

  async #collect(
    { text, line }: Statement,
    { needs, table }: Extract<Meaning, { kind: 'parallel' }>,
  ): Promise<void> {
    this.phases.begin('indexes')
    this.#units.push({ text, line, needs, weight: this.tally.rowsOf(this.#full(table)) })
    if (this.#units.length >= mostUnits) await this.#runUnits()
  }

  async #runUnits(): Promise<void> {
    if (this.#units.length === 0) return
    await this.#lanes.settled()
    this.#spread = false
    this.#onSpread()
    const units = this.#units
    this.#units = []
    await runBatch(units, this.#lanes)
  }

  #onAll({ text, line }: Statement): void {
    for (const lane of this.#lanes.all) {
      lane.mark(line)
      lane.write(withNewline(text), linesIn(text) + 1)
    }
  }

  async #onFirst({ text, line }: Statement): Promise<void> {
    const { first, signal } = this.#lanes
    if (first.isFull) await first.room(signal)
    first.mark(line)
    first.write(withNewline(text), linesIn(text) + 1)
  }

  async #beginCopy(copy: Statement): Promise<void> {
    await this.#runUnits()
    this.phases.begin('data')
    const { first, all } = this.#lanes
    const table = this.#full(copiedTable(copy.text))
    const alone = this.#oneOnly || this.#inTransaction || !this.#schema.mayBeSpread(table)
    if (alone || this.#schema.needsOrder) {
      await this.#lanes.othersSettled()
      this.#spread = false
    }
    // The table must be there before another connection can fill it.
    if (!alone && !this.#spread) await first.settled(this.#lanes.signal)
    this.#copy = new CopyOnLanes(copy, this.#lanes, alone ? [first] : all)
    this.#spread = !alone
    if (!alone) this.#onSpread()
  }

  async #endCopy(): Promise<void> {
    await this.#copy?.end()
    this.#copy = null
  }

  async #rest(bytes: Buffer, line: number): Promise<void> {
    await this.#runUnits()
    if (this.#spread) await this.#lanes.settled()
    this.#spread = false
    const { first, signal } = this.#lanes
    if (first.isFull) await first.room(signal)
    first.mark(line)
    first.write(bytes, linesIn(bytes))
  }
}

function withNewline(text: Buffer): Buffer {
  return Buffer.concat([text, Buffer.from('\n')])
}
