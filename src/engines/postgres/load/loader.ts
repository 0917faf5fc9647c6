import type { RowsBlock } from '../archive/index.ts'
import { runBatch, type Unit } from './batch.ts'
import type { BigTables } from './big-tables.ts'
import { BytesSent } from './bytes-sent.ts'
import { CopyOnLanes, type Lanes, linesIn, plainCopy, wholeTableCopy } from './lanes.ts'
import { Phases } from './phases.ts'
import { SchemaSoFar } from './schema-so-far.ts'
import { SessionSettings } from './session-settings.ts'
import type { Piece } from './split/dump-splitter.ts'
import { copiedTable, Tally } from './tally.ts'
import { type Meaning, meaningOf } from './understand.ts'

/** So many statements are looked at together for what may run beside what. */
const mostUnits = 2_000

type Statement = Extract<Piece, { kind: 'statement' | 'copy' }>

export interface LoaderOptions {
  /** Who loads tables beside it, of those that may; null: rows are spread in chunks. */
  readonly startBigTables: (
    settings: string,
    mayHave: (copy: string) => boolean,
    onBytes: () => void,
  ) => BigTables | null
  /** Told how many bytes of the dump are on their way into the database. */
  readonly onBytes: (bytes: number) => void
  /** Told when something begins to run on several lanes. */
  readonly onSpread: () => void
  /** The rows that follow are somebody else's. */
  readonly skipRows: () => void
}

/**
 * Gives the pieces of a dump to the lanes so that the result is that of one connection. What runs
 * in order goes to the first lane without waiting for it; whoever needs another lane waits first.
 */
export class Loader {
  readonly tally = new Tally()
  readonly phases = new Phases()
  readonly #lanes: Lanes
  readonly #options: LoaderOptions
  readonly #settings = new SessionSettings()
  readonly #sent: BytesSent
  #bigTables: BigTables | null = null
  #needsRows = false
  /** How many COPY blocks have begun. */
  #tables = 0
  readonly #schema = new SchemaSoFar()
  #units: Unit[] = []
  #copy: CopyOnLanes | null = null
  /** Rows may be under way on lanes other than the first. */
  #spread = false
  /** A transaction is open in the first lane: only that may go on. */
  #inTransaction = false
  /** Something was not understood: from there on all goes to the first lane. */
  #oneOnly = false

  constructor(lanes: Lanes, options: LoaderOptions) {
    this.#lanes = lanes
    this.#options = options
    this.#sent = new BytesSent(options.onBytes)
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

  /** Rows of big tables are the loader's, too; known from the first table on. */
  get needsRows(): boolean {
    return this.#needsRows
  }

  /** So many more bytes of the dump have been read. */
  read(bytes: number): void {
    this.#sent.read(bytes)
    this.#tellBytes()
  }

  async finish(): Promise<void> {
    await this.#endBigTables()
    await this.#runUnits()
    await this.#lanes.settled()
  }

  async #statement(statement: Statement): Promise<void> {
    const meaning = this.#oneOnly ? { kind: 'unknown' as const } : this.#meaningOf(statement)
    if (meaning.kind === 'setting' || meaning.kind === 'aside') {
      return await this.#beside(statement, meaning.kind)
    }
    await this.#endBigTables()
    if (meaning.kind === 'parallel') return await this.#collect(statement, meaning)
    await this.#runUnits()
    await this.#gather()
    this.#inTransaction =
      meaning.kind === 'begin' || (this.#inTransaction && meaning.kind !== 'commit')
    this.#oneOnly ||= meaning.kind === 'unknown'
    await this.#onFirst(statement)
  }

  /** What needs not wait for rows that are under way. */
  async #beside(statement: Statement, kind: 'setting' | 'aside'): Promise<void> {
    await this.#runUnits()
    if (kind === 'setting') this.#settings.learn(statement.text)
    await this.#onFirst(statement)
  }

  /** Waits for rows on other lanes, so that the first may go on alone. */
  async #gather(): Promise<void> {
    if (this.#spread) await this.#lanes.settled()
    this.#spread = false
  }

  /** A statement of megabytes is one thing, and nothing to look for words in. */
  #meaningOf({ text }: Statement): Meaning {
    const words = text.toString('utf8')
    this.#schema.learn(words, (name) => this.tally.fullName(name))
    const meaning = meaningOf(words)
    if (meaning.kind !== 'parallel') return meaning
    if (this.#inTransaction || this.#tables === 0) return { kind: 'in-order' }
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
    this.#options.onSpread()
    const units = this.#units
    this.#units = []
    this.#settings.bring(this.#lanes.others)
    await runBatch(units, this.#lanes)
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
    if (this.#tables === 0) await this.#decide()
    const big = this.#bigTables?.pass(this.#tables, copy.text.toString('utf8')) ?? null
    this.#tables += 1
    if (big !== null) return this.#passOver(big)
    const table = this.#full(copiedTable(copy.text))
    const alone = this.#oneOnly || this.#inTransaction || !this.#schema.mayBeSpread(table)
    if (!alone) this.#options.onSpread()
    this.#copy =
      this.#bigTables === null ? await this.#spreadCopy(copy, alone) : this.#wholeCopy(copy, alone)
  }

  #passOver({ rows, from, to }: RowsBlock): void {
    this.tally.addRows(rows)
    if (this.#needsRows) this.#sent.passOver(to - from)
    this.#options.skipRows()
  }

  /** Whether tables are loaded whole, side by side: only there the server saves WAL. */
  async #decide(): Promise<void> {
    const { first, signal } = this.#lanes
    // Every table must be there before another connection can fill it.
    await first.settled(signal)
    this.#needsRows = true
    if (this.#oneOnly || this.#inTransaction || this.#schema.needsOrder) return
    if ((await first.ask('SHOW wal_level', signal)) !== 'minimal') return
    const mayHave = (copy: string): boolean =>
      this.#schema.mayBeSpread(this.#full(copiedTable(Buffer.from(copy))))
    const onBytes = (): void => this.#tellBytes()
    this.#bigTables = this.#options.startBigTables(this.#settings.sql, mayHave, onBytes)
    if (this.#bigTables === null) return
    this.#needsRows = !this.#bigTables.areAll
    this.#options.onSpread()
  }

  /** Rows in chunks over all lanes. */
  async #spreadCopy(copy: Statement, alone: boolean): Promise<CopyOnLanes> {
    const { first, all, signal } = this.#lanes
    if (alone || this.#schema.needsOrder) {
      await this.#lanes.othersSettled()
      this.#spread = false
    }
    if (!alone && !this.#spread) await first.settled(signal)
    if (!alone) this.#settings.bring(this.#lanes.others)
    this.#spread = !alone
    return new CopyOnLanes(plainCopy(copy), this.#lanes, alone ? [first] : all)
  }

  #wholeCopy(copy: Statement, alone: boolean): CopyOnLanes {
    const envelope = alone ? plainCopy(copy) : wholeTableCopy(copy, copiedTable(copy.text))
    return new CopyOnLanes(envelope, this.#lanes, [this.#lanes.first])
  }

  async #endBigTables(): Promise<void> {
    if (this.#bigTables === null) return
    await this.#bigTables.finish()
    this.#sent.passOver(-this.#bigTables.bytes)
    this.#bigTables = null
  }

  #tellBytes(): void {
    this.#sent.tell(this.#bigTables?.bytes ?? 0)
  }

  async #endCopy(): Promise<void> {
    await this.#copy?.end()
    this.#copy = null
  }

  async #rest(bytes: Buffer, line: number | null): Promise<void> {
    await this.#endBigTables()
    await this.#runUnits()
    await this.#gather()
    const { first, signal } = this.#lanes
    if (first.isFull) await first.room(signal)
    first.mark(line)
    first.write(bytes, linesIn(bytes))
  }
}

function withNewline(text: Buffer): Buffer {
  return Buffer.concat([text, Buffer.from('\n')])
}
