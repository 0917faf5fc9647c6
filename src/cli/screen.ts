const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, dim: 2, bold: 1 } as const
/** Of a terminal that does not know how wide it is. */
const usualColumns = 80

export type Color = keyof typeof codes

/** Where lines go. Passed in, so that tests can hold what was said. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** 0: nobody knows. */
  readonly columns: number
}

/**
 * The two streams of a command: results on stdout, problems and progress on stderr. Colours and
 * the live line only on a terminal, and never under NO_COLOR.
 */
export class Screen {
  readonly #out: Output
  readonly #err: Output
  readonly #color: boolean
  #live = ''

  constructor(out: Output, err: Output, options: { readonly color: boolean }) {
    this.#out = out
    this.#err = err
    this.#color = options.color
  }

  /** A line of the result. */
  say(text = '', color?: Color): void {
    this.#clearLive()
    this.#out.write(`${this.#painted(text, color, this.#out)}\n`)
    this.#drawLive()
  }

  /** The one document of `--json`. */
  document(value: unknown): void {
    this.#out.write(`${JSON.stringify(value)}\n`)
  }

  /** A line about a problem, or about what is going on. */
  tell(text = '', color?: Color): void {
    this.#clearLive()
    this.#err.write(`${this.#painted(text, color, this.#err)}\n`)
    this.#drawLive()
  }

  /** Replaces the live line at the bottom of a terminal; empty removes it. Nothing elsewhere. */
  live(text: string): void {
    if (!this.showsLive) return
    this.#clearLive()
    const columns = this.#err.columns > 0 ? this.#err.columns : usualColumns
    this.#live = text.slice(0, columns - 1)
    this.#drawLive()
  }

  get showsLive(): boolean {
    return this.#err.isTerminal && this.#color
  }

  #clearLive(): void {
    if (this.#live !== '') this.#err.write('\r\u001B[K')
  }

  #drawLive(): void {
    if (this.#live !== '') this.#err.write(this.#live)
  }

  #painted(text: string, color: Color | undefined, to: Output): string {
    if (color === undefined || text === '' || !this.#color || !to.isTerminal) return text
    return `\u001B[${codes[color]}m${text}\u001B[0m`
  }
}
