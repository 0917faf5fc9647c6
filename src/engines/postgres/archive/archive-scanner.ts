import { Damage } from './damage.ts'
import { DumpScanner, type ScanResult } from './dump-scanner.ts'
import { type TarEntry, TarSplitter } from './tar-splitter.ts'

const detectBytes = 512

export interface ArchiveScan extends ScanResult {
  /** It is a tar of `pg_dump -Ft`, which pg_restore reads; its script says what is in it. */
  readonly isDumpTar: boolean
}

/**
 * Scans the plain bytes of an archive of any shape (contract 4.6): a dump, with the roles before
 * or after it or without, or the tar of `backup.sql` and `roles.sql` of versions 2.7 and 2.8.
 */
export class ArchiveScanner {
  #start: Buffer | null = Buffer.alloc(0)
  #inner: Inner

  /** @param leastBlock as `DumpScanner`'s. */
  constructor(leastBlock?: number) {
    this.#inner = new PlainInner(leastBlock)
  }

  push(chunk: Buffer): void {
    if (this.#start === null) return this.#inner.push(chunk)
    this.#start = Buffer.concat([this.#start, chunk])
    if (this.#start.length >= detectBytes) this.#detect()
  }

  /** @throws {Damage} when it is no whole dump of one database. */
  end(): ArchiveScan {
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
  end(): ArchiveScan
}

class PlainInner implements Inner {
  readonly #scanner: DumpScanner

  constructor(leastBlock?: number) {
    this.#scanner = new DumpScanner(leastBlock)
  }

  push(chunk: Buffer): void {
    this.#scanner.push(chunk)
  }

  end(): ArchiveScan {
    return { ...this.#scanner.end(), isDumpTar: false }
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
  #isDumpTar = false
  readonly #tar = new TarSplitter({
    begin: (entry) => {
      if (entry.name === 'toc.dat') this.#isDumpTar = true
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

  end(): ArchiveScan {
    this.#tar.end()
    const results = this.#scripts.map(({ entry, scanner }) => ({ entry, ...scanner.end() }))
    const dumps = results.filter(({ databases }) => databases > 0)
    const [dump] = dumps
    if (dump === undefined) throw new Damage('its tar holds no dump of a database')
    if (dumps.length > 1) throw new Damage('its tar holds dumps of several databases')
    const { from } = dump.entry
    const isDumpTar = this.#isDumpTar
    // Its script is for people: it names rows that lie elsewhere, and makes a database that
    // pg_restore does not make unless it is asked to.
    const whole = isDumpTar ? { problem: null, psqlCommands: [], serverStatements: [] } : {}
    return {
      ...dump,
      ...whole,
      isDumpTar,
      bytes: this.#bytes,
      // Their places would be those within the member; old archives are loaded in one reading.
      blocks: [],
      withoutBlocks: null,
      sqlRanges: dump.sqlRanges.map((range) => ({ from: range.from + from, to: range.to + from })),
      rolesSql: results.map(({ rolesSql }) => rolesSql).join(''),
    }
  }
}
