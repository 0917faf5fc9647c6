/*
 * Names as pg_dump writes them: schema and name, each quoted where SQL needs it. They are compared
 * as they are written, since one program has written them all.
 */

const identifier = String.raw`(?:"(?:[^"]|"")+"|[^\s".,;()]+)`

/** A name with its schema, as part of a pattern for one statement. */
export const qualified = `${identifier}(?:\\.${identifier})?`

/** Of `public."Mixed"` the part before the name; null when there is none. */
export function schemaOf(name: string): string | null {
  const parts = new RegExp(`^(?<schema>${identifier})\\.${identifier}$`, 'u').exec(name)?.groups
  return parts?.['schema'] ?? null
}

/** The name with its schema; dumps of 2018 and before name the schema in `search_path` only. */
export function withSchema(name: string, searchPath: string | null): string {
  return schemaOf(name) !== null || searchPath === null ? name : `${searchPath}.${name}`
}
