const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, dim: 2, bold: 1 } as const
/** Of a terminal that does not know how large it is. */
const usualColumns = 80
const usualRows = 24

/** A line that is too wide is cut by the terminal itself while it is drawn, instead of wrapped. */
const unwrapped = '\u001B[?7l'
const wrapped = '\u001B[?7h'
const eraseBelow = '\u001B[J'

export type Color = keyof typeof codes

/** Where lines go. Passed in, so that tests can hold what was said. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** 0: nobody knows. */
  readonly columns: number
  readonly rows: number
}

/**
 * The two streams of a command: results on stdout, problems and progress on stderr. Colours and
 * live lines only on a terminal, and never under NO_COLOR.
 */
export class Screen {
  readonly #out: Output
  readonly #err: Output
  readonly #color: boolean
  #live: readonly string[] = []
  #isOver = false

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

  /** A line for who looks on; a log has no use for it. */
  tellAtTerminal(text: string): void {
    if (this.#err.isTerminal) this.tell(text)
  }

  /**
   * Replaces the live lines at the bottom of a terminal, as far as they fit; none removes them.
   * Nothing elsewhere.
   */
  live(lines: readonly string[]): void {
    if (!this.showsLive) return
    this.#clearLive()
    this.#live = fitting(lines, this.#rows - 1).map((line) => cut(line, this.liveWidth))
    this.#drawLive()
  }

  /** Removes the live lines for good: whoever is still at work when the end is told draws no more. */
  endLive(): void {
    this.live([])
    this.#isOver = true
  }

  get showsLive(): boolean {
    return this.#err.isTerminal && this.#color && !this.#isOver
  }

  /** How many characters a live line may have. */
  get liveWidth(): number {
    return (this.#err.columns > 0 ? this.#err.columns : usualColumns) - 1
  }

  get #rows(): number {
    return this.#err.rows > 0 ? this.#err.rows : usualRows
  }

  /** From the end of the last line, where drawing left off. */
  #clearLive(): void {
    if (this.#live.length === 0) return
    // A terminal that has become narrower since has wrapped them.
    const heights = this.#live.map((line) => Math.ceil(line.length / (this.liveWidth + 1)))
    const up = heights.reduce((sum, height) => sum + Math.max(1, height), 0) - 1
    this.#err.write(`${up > 0 ? `\u001B[${up}A` : ''}\r${eraseBelow}`)
  }

  #drawLive(): void {
    if (this.#live.length === 0) return
    this.#err.write(`${unwrapped}${this.#live.join('\n')}${wrapped}`)
  }

  #painted(text: string, color: Color | undefined, to: Output): string {
    if (color === undefined || text === '' || !this.#color || !to.isTerminal) return text
    return `\u001B[${codes[color]}m${text}\u001B[0m`
  }
}

/** What has scrolled off the top could not be replaced any more. */
function fitting(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines
  const shown = Math.max(0, most - 1)
  return [...lines.slice(0, shown), `… and ${lines.length - shown} more`]
}

/** By whole characters, and without those that move the cursor. */
function cut(line: string, width: number): string {
  return Array.from(line.replaceAll(/\p{Cc}/gu, '?'))
    .slice(0, Math.max(1, width))
    .join('')
}
