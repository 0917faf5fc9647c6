import { Damage } from './damage.ts'
import { DumpScanner, type ScanResult } from './dump-scanner.ts'
import { type TarEntry, TarSplitter } from './tar-splitter.ts'

const detectBytes = 512

/**
 * Scans the plain bytes of an archive of any shape (contract 4.6): a dump, with the roles before
 * or after it or without, or the tar of `backup.sql` and `roles.sql` of versions 2.7 and 2.8.
 */
export class ArchiveScanner {
  #start: Buffer | null = Buffer.alloc(0)
  #inner: Inner = new PlainInner()

  push(chunk: Buffer): void {
    if (this.#start === null) return this.#inner.push(chunk)
    this.#start = Buffer.concat([this.#start, chunk])
    if (this.#start.length >= detectBytes) this.#detect()
  }

  /** @throws {Damage} when it is no whole dump of one database. */
  end(): ScanResult {
    this.#detect()
    const result = this.#inner.end()
    if (result.problem !== null) throw new Damage(result.problem)
    return result
  }

  #detect(): void {
    const start = this.#start
    if (start === null) return
    this.#start = null
    if (TarSplitter.isTar(start)) this.#inner = new TarInner()
    this.#inner.push(start)
  }
}

interface Inner {
  push(chunk: Buffer): void
  end(): ScanResult
}

class PlainInner implements Inner {
  readonly #scanner = new DumpScanner()

  push(chunk: Buffer): void {
    this.#scanner.push(chunk)
  }

  end(): ScanResult {
    return this.#scanner.end()
  }
}

interface Script {
  readonly entry: TarEntry
  readonly scanner: DumpScanner
}

class TarInner implements Inner {
  readonly #scripts: Script[] = []
  #current: DumpScanner | null = null
  #bytes = 0
  readonly #tar = new TarSplitter({
    begin: (entry) => {
      if (!entry.name.endsWith('.sql')) return
      this.#current = new DumpScanner()
      this.#scripts.push({ entry, scanner: this.#current })
    },
    data: (chunk) => this.#current?.push(chunk),
    end: () => {
      this.#current = null
    },
  })

  push(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#tar.push(chunk)
  }

  end(): ScanResult {
    this.#tar.end()
    const results = this.#scripts.map(({ entry, scanner }) => ({ entry, ...scanner.end() }))
    const dumps = results.filter(({ databases }) => databases > 0)
    const [dump] = dumps
    if (dump === undefined) throw new Damage('its tar holds no dump of a database')
    if (dumps.length > 1) throw new Damage('its tar holds dumps of several databases')
    const { from } = dump.entry
    return {
      ...dump,
      bytes: this.#bytes,
      sqlRanges: dump.sqlRanges.map((range) => ({ from: range.from + from, to: range.to + from })),
      rolesSql: results.map(({ rolesSql }) => rolesSql).join(''),
    }
  }
}
