import { qualified } from './names.ts'

const createTable = new RegExp(`^CREATE (?:UNLOGGED )?TABLE (?<name>${qualified}) `, 'u')
const createRoutine = new RegExp(`^CREATE (?:FUNCTION|PROCEDURE) (?<name>${qualified})\\(`, 'u')
const checks = /\bCHECK\b|\bGENERATED\b|\bOPERATOR\(|PARTITION BY/u
const mayCheck = /^(?:CREATE (?:UNLOGGED )?TABLE|CREATE DOMAIN|ALTER DOMAIN|ALTER TABLE)\b/u

/** What the schema part of a dump has made, as far as the order of the rows depends on it. */
export class SchemaSoFar {
  readonly #tables = new Set<string>()
  readonly #divided = new Set<string>()
  readonly #routines = new Set<string>()
  #needsOrder = false

  /**
   * Whether a row is checked or made by a function of this database. Such a function may read
   * other tables, so each table must be complete before the next one begins.
   */
  get needsOrder(): boolean {
    return this.#needsOrder
  }

  learn(statement: string, full: (name: string) => string): void {
    const routine = createRoutine.exec(statement)?.groups?.['name']
    if (routine !== undefined) this.#routines.add(`${routine}(`)
    if (!mayCheck.test(statement)) return
    const table = createTable.exec(statement)?.groups?.['name']
    if (table !== undefined) this.#learnTable(full(table), statement)
    this.#needsOrder ||= this.#callsRoutine(statement)
  }

  #learnTable(table: string, statement: string): void {
    this.#tables.add(table)
    if (/\nPARTITION BY /u.test(statement)) this.#divided.add(table)
  }

  /** Only tables that the dump made itself are known to have no triggers and foreign keys yet. */
  mayBeSpread(table: string): boolean {
    return this.#tables.has(table)
  }

  isDivided(table: string): boolean {
    return this.#divided.has(table)
  }

  /** pg_dump writes each column and each check on lines of its own; defaults do not matter here. */
  #callsRoutine(statement: string): boolean {
    if (this.#routines.size === 0 && !statement.includes('OPERATOR(')) return false
    const lines = statement.split('\n')
    const relevant = lines
      .filter((line) => !/ DEFAULT /u.test(line) || checks.test(line))
      .join('\n')
    if (!checks.test(relevant)) return false
    if (relevant.includes('OPERATOR(')) return true
    return [...this.#routines].some((routine) => relevant.includes(routine))
  }
}
