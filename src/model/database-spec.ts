/** Engines that a line of `backup.conf` may name; not all of them need to be installed. */
export const engineNames = ['postgres', 'mariadb', 'mysql', 'mongo', 'mssql'] as const
export type EngineName = (typeof engineNames)[number]

/** One database on one server, with every default filled in. */
export interface DatabaseSpec {
  readonly engine: EngineName
  /** As written, without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  /** Decoded: the name the server knows. */
  readonly database: string
  /** As written in the configuration, without options; what messages show. */
  readonly written: string
}

/** Two specs are one database when engine, host, port and name agree (design section 3). */
export function sameDatabase(left: DatabaseSpec, right: DatabaseSpec): boolean {
  return identityOf(left) === identityOf(right)
}

/** The spec in full, `postgres=host:5432/name`; equal for equal databases, and never ambiguous. */
export function identityOf({ engine, host, port, database }: DatabaseSpec): string {
  const shownHost = host.includes(':') ? `[${host}]` : host
  return `${engine}=${shownHost.toLowerCase()}:${port}/${encodeURIComponent(database)}`
}

/**
 * `<host>-<database>`, the name of a database in file names (contract 4.3). Characters outside
 * `A-Z a-z 0-9 _ . -` are percent-encoded, byte by byte, so that no name leaves its folder.
 */
export function coreNameOf({ host, database }: Pick<DatabaseSpec, 'host' | 'database'>): string {
  return safeName(`${host}-${database}`)
}

/** Percent-encodes everything outside `A-Z a-z 0-9 _ . -`, as UTF-8 bytes in upper-case hex. */
export function safeName(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
