/** What is in a database beside rows: each kind by its name, with its plural, in order of telling. */
export const objectKinds = {
  index: 'indexes',
  'primary key': 'primary keys',
  'foreign key': 'foreign keys',
  'unique constraint': 'unique constraints',
  'check constraint': 'check constraints',
  'exclusion constraint': 'exclusion constraints',
  trigger: 'triggers',
  view: 'views',
  'materialized view': 'materialized views',
  'materialized view with data': 'materialized views with data',
  sequence: 'sequences',
  'value of sequence': 'values of sequences',
  function: 'functions',
  procedure: 'procedures',
  aggregate: 'aggregates',
  type: 'types',
  domain: 'domains',
  policy: 'policies',
  rule: 'rules',
  schema: 'schemas',
  extension: 'extensions',
  'event trigger': 'event triggers',
  'large object': 'large objects',
  'partitioned table': 'partitioned tables',
  'foreign table': 'foreign tables',
  inheritance: 'inheritances',
  'default of column': 'defaults of columns',
  'identity column': 'identity columns',
  'owned sequence': 'owned sequences',
  'row-level security of': 'tables with row-level security',
  'enabled, forced row-level security of': 'tables with enabled, forced row-level security',
  'switched trigger or rule': 'switched triggers or rules',
  'replica identity of': 'replica identities',
  'clustering on': 'clusterings',
  owner: 'owners',
  grant: 'grants',
  'revoked right': 'revoked rights',
  'default privilege': 'default privileges',
  comment: 'comments',
  statistics: 'statistics',
  collation: 'collations',
  conversion: 'conversions',
  operator: 'operators',
  'operator class': 'operator classes',
  'operator family': 'operator families',
  cast: 'casts',
  language: 'languages',
  'access method': 'access methods',
  'text search configuration': 'text search configurations',
  'text search dictionary': 'text search dictionaries',
  'text search parser': 'text search parsers',
  'text search template': 'text search templates',
  'foreign-data wrapper': 'foreign-data wrappers',
  server: 'servers',
  'user mapping': 'user mappings',
  publication: 'publications',
  'publication of': 'publications of tables',
} as const

export type ObjectKind = keyof typeof objectKinds

/** The objects of one kind. */
export interface ObjectsOfKind {
  /** An `ObjectKind`, or that of a later version. */
  readonly kind: string
  readonly count: number
  /** Of all names in order; equal digests mean equal names. */
  readonly digest: string
  /** null where a database has too many to record them. */
  readonly names: readonly string[] | null
}
