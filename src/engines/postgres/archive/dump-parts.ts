/** From a plain byte (inclusive) to another (exclusive). */
export interface Range {
  readonly from: number
  readonly to: number
}

const mostRolesBytes = 64 * 1024 * 1024

const headers = {
  '-- PostgreSQL database cluster dump': 'roles-begin',
  '-- PostgreSQL database cluster dump complete': 'roles-end',
  '-- PostgreSQL database dump': 'database-begin',
  '-- PostgreSQL database dump complete': 'database-end',
} as const

/**
 * Tells the parts of an archive apart by the comments that pg_dump and pg_dumpall frame them with,
 * and finds the guard line at the beginning and end of each. All that is not roles is database.
 */
export class DumpParts {
  serverMajor: number | null = null
  readonly guards: Range[] = []
  databases = 0
  #databaseEnds = 0
  /** `textFrom` is behind the header, which may begin in a chunk that is gone. */
  readonly #roles: { readonly from: number; readonly textFrom: number; to: number }[] = []
  readonly #rolesText: { readonly from: number; readonly bytes: Buffer }[] = []
  #rolesBytes = 0
  inRoles = false
  /** A guard may come only before the first statement of its part; later it is somebody's trick. */
  #mayGuard = true
  #key: string | null = null

  comment(line: string, range: Range): void {
    const header = Object.hasOwn(headers, line) ? headers[line as keyof typeof headers] : null
    if (header === null) return this.#readVersion(line)
    if (header === 'roles-begin') this.#beginRoles(range)
    if (header === 'database-begin') this.#beginDatabase(range.from)
    if (header === 'database-end') this.#databaseEnds += 1
  }

  /** A line that psql would take for a command of its own. True when it is the archive's guard. */
  isGuard(line: string, range: Range): boolean {
    const opened = /^\\restrict (?<key>[A-Za-z0-9]+)$/u.exec(line)?.groups?.['key']
    const opens = opened !== undefined && this.#mayGuard && this.#key === null
    const closes = this.#key !== null && line === `\\unrestrict ${this.#key}`
    if (!opens && !closes) return false
    this.#key = opens ? opened : null
    this.#mayGuard = false
    this.guards.push(range)
    return true
  }

  statement(): void {
    this.#mayGuard = false
  }

  /** Keeps the text of the roles part; to be called at the end of each chunk. */
  keepRoles(chunk: Buffer, offset: number): void {
    const last = this.#roles.at(-1)
    const isRoles = last !== undefined && last.textFrom < offset + chunk.length && last.to > offset
    if (!isRoles || this.#rolesBytes > mostRolesBytes) return
    this.#rolesText.push({ from: offset, bytes: Buffer.from(chunk) })
    this.#rolesBytes += chunk.length
  }

  rolesSql(): string {
    const kept = this.#roles.flatMap(({ textFrom, to }) =>
      without({ from: textFrom, to }, this.guards),
    )
    const pieces = kept.flatMap((range) =>
      this.#rolesText.map(({ from, bytes }) =>
        bytes.subarray(Math.max(0, range.from - from), Math.max(0, range.to - from)),
      ),
    )
    return Buffer.concat(pieces).toString('utf8')
  }

  sqlRanges(bytes: number): readonly Range[] {
    this.#endRoles(bytes)
    return without({ from: 0, to: bytes }, [...this.#roles, ...this.guards])
  }

  problem(): string | null {
    if (this.#rolesBytes > mostRolesBytes) return 'its roles take more than 64 MiB'
    if (this.databases > 1) return 'it holds dumps of several databases'
    if (this.databases > 0 && this.#databaseEnds === 0)
      return 'the end marker of a dump is missing: it was cut off'
    if (this.databases === 0 && this.#databaseEnds === 0) return 'it holds no dump of a database'
    return null
  }

  #beginRoles({ from, to: textFrom }: Range): void {
    this.#endRoles(from)
    this.inRoles = true
    this.#roles.push({ from, textFrom, to: Number.POSITIVE_INFINITY })
    this.#newPart()
  }

  #beginDatabase(at: number): void {
    this.#endRoles(at)
    this.databases += 1
    this.#newPart()
  }

  #endRoles(at: number): void {
    const last = this.#roles.at(-1)
    if (this.inRoles && last !== undefined) last.to = at
    this.inRoles = false
  }

  #newPart(): void {
    this.#mayGuard = true
    this.#key = null
  }

  #readVersion(line: string): void {
    const major = /^-- Dumped from database version (?<major>\d+)/u.exec(line)?.groups?.['major']
    if (major !== undefined) this.serverMajor ??= Number(major)
  }
}

/** What is left of `whole` without `cuts`. */
function without(whole: Range, cuts: readonly Range[]): readonly Range[] {
  const kept: Range[] = []
  let { from } = whole
  for (const cut of cuts.toSorted((left, right) => left.from - right.from)) {
    if (cut.from > from) kept.push({ from, to: Math.min(cut.from, whole.to) })
    from = Math.max(from, cut.to)
    if (from >= whole.to) break
  }
  if (from < whole.to) kept.push({ from, to: whole.to })
  return kept
}
