/** Places in the dump that are remembered, to say where an error was. */
const mostMarks = 4_000

interface Mark {
  /** The line of what psql was sent, from 1 on. */
  readonly own: number
  readonly dump: number | null | 'ours'
}

/** Which line of the dump stands in which line of what psql was sent. */
export class LineMarks {
  readonly #marks: Mark[] = []

  /** From line `own` on stand the lines of the dump from `dump` on; null: unknown ones; or ours. */
  set(own: number, dump: Mark['dump']): void {
    this.#marks.push({ own, dump })
    if (this.#marks.length > mostMarks) this.#marks.splice(0, mostMarks / 2)
  }

  inDump(own: number | null): Mark['dump'] {
    if (own === null) return null
    const mark = this.#marks.findLast((each) => each.own <= own)
    if (mark === undefined || typeof mark.dump !== 'number') return mark?.dump ?? null
    return mark.dump + own - mark.own
  }
}
