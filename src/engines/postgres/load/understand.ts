import { qualified, schemaOf, withSchema } from './names.ts'

/** What a unit of work may collide in: tables and indexes, by name. */
export interface Needs {
  /** Only it may have these. */
  readonly alone: readonly string[]
  /** Others that share may have these at the same time. */
  readonly shared: readonly string[]
}

/** What a statement of a dump does, as far as it matters for the order of things. */
export type Meaning =
  /** Changes only its own session: every connection needs it. */
  | { readonly kind: 'setting' }
  /** Touches nothing that a COPY needs: sequences and large objects. */
  | { readonly kind: 'aside' }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  /** An index or a constraint: may run beside others that it does not collide with. */
  | { readonly kind: 'parallel'; readonly needs: Needs; readonly table: string }
  /** After all before it, before all behind it. */
  | { readonly kind: 'in-order' }
  /** It may leave something in its session that others would lack. */
  | { readonly kind: 'unknown' }

type Words = Readonly<Record<string, string | undefined>>
type Reader = readonly [pattern: RegExp, meaning: (words: Words) => Meaning]

const table = `(?<table>${qualified})`
const constraint = String.raw`ADD CONSTRAINT (?<name>"(?:[^"]|"")+"|\S+)`
const inOrder: Meaning = { kind: 'in-order' }

const readers: readonly Reader[] = [
  [/^SET CONSTRAINTS\b|^SET (?:LOCAL|TRANSACTION)\b/u, () => ({ kind: 'unknown' })],
  [
    /^SET \w|^SELECT pg_catalog\.set_config\('search_path', '', false\);$/u,
    () => ({ kind: 'setting' }),
  ],
  [
    /^SELECT (?:pg_catalog\.)?(?:setval|lo_create|lo_creat|lo_open|lowrite|lo_close)\(/u,
    () => ({ kind: 'aside' }),
  ],
  [/^(?:ALTER|COMMENT ON|GRANT \w+ ON|REVOKE \w+ ON) LARGE OBJECT\b/u, () => ({ kind: 'aside' })],
  [/^BEGIN;$/u, () => ({ kind: 'begin' })],
  [/^COMMIT;$/u, () => ({ kind: 'commit' })],
  [
    new RegExp(
      String.raw`^CREATE (?:UNIQUE )?INDEX (?<name>"(?:[^"]|"")+"|\S+) ON (?:ONLY )?${table}`,
      'u',
    ),
    ({ table: of = '', name = '' }) => parallel(of, { alone: [beside(of, name)], shared: [of] }),
  ],
  [
    new RegExp(
      String.raw`^ALTER TABLE ONLY ${table}\s+${constraint} (?:PRIMARY KEY|UNIQUE|EXCLUDE)\b`,
      'u',
    ),
    ({ table: of = '', name = '' }) => parallel(of, { alone: [of, beside(of, name)], shared: [] }),
  ],
  [
    new RegExp(
      String.raw`^ALTER TABLE ONLY ${table}\s+${constraint} FOREIGN KEY \(.*\) REFERENCES (?<other>${qualified})\(`,
      'u',
    ),
    ({ table: of = '', other = '' }) => parallel(of, { alone: [of, other], shared: [] }),
  ],
  [
    new RegExp(String.raw`^ALTER TABLE (?:ONLY )?${table} (?:CLUSTER ON|REPLICA IDENTITY)\b`, 'u'),
    ({ table: of = '' }) => parallel(of, { alone: [of], shared: [] }),
  ],
  [
    new RegExp(String.raw`^COMMENT ON INDEX (?<name>${qualified}) IS\b`, 'u'),
    ({ name = '' }) => parallel(name, { alone: [name], shared: [] }),
  ],
  [
    new RegExp(
      String.raw`^COMMENT ON CONSTRAINT (?:"(?:[^"]|"")+"|\S+) ON (?!DOMAIN )${table} IS\b`,
      'u',
    ),
    ({ table: of = '' }) => parallel(of, { alone: [of], shared: [] }),
  ],
  [/^CREATE (?:GLOBAL |LOCAL )?TEMP(?:ORARY)?\b/iu, () => ({ kind: 'unknown' })],
  [
    /^(?:CREATE|ALTER|COMMENT ON|GRANT|REVOKE|SECURITY LABEL|REFRESH MATERIALIZED VIEW|INSERT INTO|DROP)\b/u,
    () => inOrder,
  ],
  // Rows of extensions' own catalogs, and `pg_restore --if-exists`.
  [/^SELECT pg_catalog\.(?:pg_extension_config_dump|binary_upgrade_\w+)\(/u, () => inOrder],
]

/** What a statement means; anything that pg_dump does not write is `unknown`. */
export function meaningOf(statement: string): Meaning {
  for (const [pattern, meaning] of readers) {
    const match = pattern.exec(statement)
    if (match !== null) return meaning(match.groups ?? {})
  }
  return { kind: 'unknown' }
}

function parallel(of: string, needs: Needs): Meaning {
  return { kind: 'parallel', needs, table: of }
}

/** An index lies in the schema of its table. */
function beside(of: string, name: string): string {
  return withSchema(name, schemaOf(of))
}
