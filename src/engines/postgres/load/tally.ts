import type { LoadReport, SequenceValue } from './load-types.ts'
import { qualified, withSchema } from './names.ts'
import type { Piece } from './split/dump-splitter.ts'

const copied = new RegExp(`^COPY (?<table>${qualified})\\s`, 'u')
const setval =
  /^SELECT (?:pg_catalog\.)?setval\('(?<name>(?:[^']|'')+)', (?<value>-?\d+), (?<called>true|false)\);$/u

/** The table that a `COPY … FROM stdin` fills, as the dump writes its name. */
export function copiedTable(text: Buffer): string {
  return copied.exec(text.toString('utf8'))?.groups?.['table'] ?? ''
}

/** The first schema of a `SET search_path`, null for an empty one; undefined when it is no such statement. */
function searchPathIn(statement: string): string | null | undefined {
  const path = /^SET search_path = (?<path>[^;,\s]+)/u.exec(statement)?.groups?.['path']
  return path === undefined ? undefined : emptyIsNull(path)
}

function emptyIsNull(path: string): string | null {
  return path === "''" || path === '""' ? null : path
}

/** Counts what an archive says it holds: rows of its COPY blocks, and values of its sequences. */
export class Tally {
  readonly #rows = new Map<string, number>()
  readonly #sequences = new Map<string, SequenceValue>()
  /** False as soon as rows came another way than by COPY, or some part was not understood. */
  #complete = true
  #searchPath: string | null = null
  #table = ''

  hear(piece: Piece): void {
    if (piece.kind === 'rows') this.#add(piece.rows)
    else if (piece.kind === 'copy') this.#begin(piece.text)
    else if (piece.kind === 'statement') this.#statement(piece.text)
    else if (piece.kind === 'rest') this.#complete = false
  }

  /** The name with the schema that `search_path` gives it. */
  fullName(name: string): string {
    return withSchema(name, this.#searchPath)
  }

  /** Nothing at all rather than half of it. */
  report(): Pick<LoadReport, 'rows' | 'sequences'> {
    if (!this.#complete) return { rows: null, sequences: null }
    return { rows: this.#rows, sequences: this.#sequences }
  }

  /** Rows of the table that it has heard of last, which somebody else has counted. */
  addRows(rows: number): void {
    this.#add(rows)
  }

  /** How many rows have gone into a table so far. */
  rowsOf(table: string): number {
    return this.#rows.get(table) ?? 0
  }

  #begin(text: Buffer): void {
    this.#table = this.#decoded(this.fullName(copiedTable(text)))
    this.#add(0)
  }

  #add(rows: number): void {
    this.#rows.set(this.#table, this.rowsOf(this.#table) + rows)
  }

  /** A name in another encoding than UTF-8 cannot be compared with what the server says. */
  #decoded(name: string): string {
    if (name.includes('\uFFFD')) this.#complete = false
    return name
  }

  #statement(text: Buffer): void {
    const beginning = text.toString('latin1', 0, 24)
    if (/^INSERT\b/u.test(beginning)) this.#complete = false
    if (!/^SE(?:T|LECT)\b/u.test(beginning)) return
    const statement = text.toString('utf8')
    const path = searchPathIn(statement)
    if (path !== undefined) this.#searchPath = path
    this.#sequence(setval.exec(statement)?.groups)
  }

  #sequence(words: Readonly<Record<string, string | undefined>> = {}): void {
    const { name, value = '', called } = words
    if (name === undefined) return
    const sequence = this.#decoded(this.fullName(name.replaceAll("''", "'")))
    this.#sequences.set(sequence, { value, called: called === 'true' })
  }
}
