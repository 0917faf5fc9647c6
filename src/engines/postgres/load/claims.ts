/**
 * Several connections load whole tables side by side, each with a reading of the archive of its own:
 * whoever comes to a table first has it, and the others pass over its rows.
 */
export class Claims {
  /** False: tables are not loaded in this way. Decided when the first table is reached. */
  readonly decided: Promise<boolean>
  readonly #decide: (whole: boolean) => void
  readonly #taken = new Set<number>()
  #mayHave: (table: string) => boolean = () => false

  constructor() {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.decided = promise
    this.#decide = resolve
  }

  /** @param mayHave whether a table may be loaded beside others. */
  begin(mayHave: (table: string) => boolean): void {
    this.#mayHave = mayHave
    this.#decide(true)
  }

  refuse(): void {
    this.#decide(false)
  }

  mayHave(table: string): boolean {
    return this.#mayHave(table)
  }

  /** Whether the table, the how-manieth of the archive, belongs to who asks. */
  take(index: number): boolean {
    if (this.#taken.has(index)) return false
    this.#taken.add(index)
    return true
  }
}
