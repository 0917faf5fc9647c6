import { Finder } from './finder.ts'

export type Enclosure = 'literal' | 'escaped-literal' | 'name' | 'body' | 'block-comment'

/** The position that a reading came to, and why no further. */
export interface Passed {
  readonly at: number
  readonly because: 'it is closed' | 'the chunk ends' | 'its end may be across chunks'
}

const sign = { doubleQuote: 0x22, quote: 0x27, star: 0x2a, slash: 0x2f, backslash: 0x5c } as const

/** Text in which nothing means anything but its own end; it may go on over many chunks. */
export class Enclosed {
  readonly kind: Enclosure
  /** Finds the tag that closes a body. */
  readonly #tag: Finder | null
  /** The chunk ended with a backslash in an escaped literal. */
  #isEscaped = false
  /** Of comments in comments. */
  #depth = 1

  constructor(kind: Enclosure, tag: string | null = null) {
    this.kind = kind
    this.#tag = tag === null ? null : new Finder(Buffer.from(tag, 'latin1'))
  }

  /** Reads on, from behind the sign that opened it, or from where the last chunk ended. */
  passOver(chunk: Buffer, from: number): Passed {
    if (this.kind === 'block-comment') return this.#blockComment(chunk, from)
    const end = this.#end(chunk, from)
    return end === null
      ? { at: chunk.length, because: 'the chunk ends' }
      : { at: end, because: 'it is closed' }
  }

  /** Behind the sign that closes it; null when it is not in this chunk. */
  #end(chunk: Buffer, from: number): number | null {
    if (this.kind === 'escaped-literal') return this.#endOfEscaped(chunk, from)
    const end =
      this.#tag?.find(chunk, from) ??
      chunk.indexOf(this.kind === 'name' ? sign.doubleQuote : sign.quote, from) + 1
    return end <= 0 ? null : end
  }

  #endOfEscaped(chunk: Buffer, from: number): number | null {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (chunk[at] === sign.backslash) this.#isEscaped = true
      else if (chunk[at] === sign.quote) return at + 1
    }
    return null
  }

  #blockComment(chunk: Buffer, from: number): Passed {
    for (let at = from; at + 1 < chunk.length; at += 1) {
      const [first, second] = [chunk[at], chunk[at + 1]]
      const opens = first === sign.slash && second === sign.star
      const closes = first === sign.star && second === sign.slash
      if (!opens && !closes) continue
      this.#depth += opens ? 1 : -1
      if (this.#depth === 0) return { at: at + 2, because: 'it is closed' }
      at += 1
    }
    const last = Math.max(from, chunk.length - 1)
    return { at: last, because: 'its end may be across chunks' }
  }
}
