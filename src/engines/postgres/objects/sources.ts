import { inUserSchema, type ObjectSource } from './object-source.ts'
import { relationSources } from './relation-sources.ts'

/*
 * The objects of a database that have a name of their own, a row for each catalog. All of it runs
 * with an empty search_path, so that names of the system need no schema, and those of types have
 * theirs in every server alike. Names are never quoted: which of them need it differs from version
 * to version.
 */

/** What initdb makes has smaller ones. */
const ofUser = (oid: string): string => `${oid} >= 16384`

const constraintsOfDomains: ObjectSource = {
  kind: `'check constraint'`,
  id: ['pg_constraint', 'k.oid'],
  partOf: ['pg_type', 'y.oid'],
  name: `n.nspname || '.' || y.typname || '.' || k.conname`,
  from: `pg_constraint k JOIN pg_type y ON y.oid = k.contypid
      JOIN pg_namespace n ON n.oid = y.typnamespace
    WHERE k.contype = 'c' AND ${inUserSchema}`,
}

const routines = (major: number): ObjectSource => ({
  kind:
    major >= 11
      ? `CASE f.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END`
      : `CASE WHEN f.proisagg THEN 'aggregate' ELSE 'function' END`,
  id: ['pg_proc', 'f.oid'],
  name: `n.nspname || '.' || f.proname || '(' || oidvectortypes(f.proargtypes) || ')'`,
  owner: 'f.proowner',
  acl: [`'f'`, 'f.proacl'],
  from: `pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE ${inUserSchema}`,
})

/** Without the types of rows and arrays, and multiranges, which come with others. */
const types: ObjectSource = {
  kind: `CASE y.typtype WHEN 'd' THEN 'domain' ELSE 'type' END`,
  id: ['pg_type', 'y.oid'],
  name: `n.nspname || '.' || y.typname`,
  owner: 'y.typowner',
  acl: [`'T'`, 'y.typacl'],
  from: `pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace
      LEFT JOIN pg_class c ON c.oid = y.typrelid
    WHERE y.typtype <> 'm' AND (c.oid IS NULL OR c.relkind = 'c') AND ${inUserSchema}
      AND NOT EXISTS (SELECT FROM pg_type e WHERE e.oid = y.typelem AND e.typarray = y.oid)`,
}

/** Every database begins with `public`, under rules of its own. */
const schemas: ObjectSource = {
  kind: `'schema'`,
  id: ['pg_namespace', 'n.oid'],
  name: 'n.nspname',
  owner: 'n.nspowner',
  acl: [`'n'`, 'n.nspacl'],
  from: `pg_namespace n WHERE n.nspname <> 'public' AND ${inUserSchema}`,
}

/** Every database begins with plpgsql. */
const extensions: ObjectSource = {
  kind: `'extension'`,
  id: ['pg_extension', 'e.oid'],
  name: 'e.extname',
  from: `pg_extension e WHERE e.extname <> 'plpgsql'`,
}

const statistics: ObjectSource = {
  kind: `'statistics'`,
  id: ['pg_statistic_ext', 's.oid'],
  partOf: ['pg_class', 's.stxrelid'],
  name: `n.nspname || '.' || s.stxname`,
  owner: 's.stxowner',
  from: `pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${inUserSchema}`,
}

/** Operators without a function are promises of others. */
const operators: ObjectSource = {
  kind: `'operator'`,
  id: ['pg_operator', 'o.oid'],
  name: `n.nspname || '.' || o.oprname || '(' || format_type(o.oprleft, NULL) || ', '
    || format_type(o.oprright, NULL) || ')'`,
  owner: 'o.oprowner',
  from: `pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
    WHERE o.oprcode <> 0 AND ${inUserSchema}`,
}

const casts: ObjectSource = {
  kind: `'cast'`,
  id: ['pg_cast', 'a.oid'],
  name: `format_type(a.castsource, NULL) || ' AS ' || format_type(a.casttarget, NULL)`,
  from: `pg_cast a WHERE ${ofUser('a.oid')}`,
}

const userMappings: ObjectSource = {
  kind: `'user mapping'`,
  id: ['pg_user_mapping', 'u.umid'],
  partOf: ['pg_foreign_server', 'u.srvid'],
  name: `u.usename || ' on ' || u.srvname`,
  from: 'pg_user_mappings u',
}

interface Ordinary {
  readonly kind: string
  readonly catalog: string
  /** What the names of its columns begin with. */
  readonly prefix: string
  readonly unowned?: boolean
}

/** Objects of a schema whose catalog has nothing remarkable. */
function inSchema({ kind, catalog, prefix, unowned = false }: Ordinary, also = ''): ObjectSource {
  return {
    kind: `'${kind}'`,
    id: [catalog, 'o.oid'],
    name: `n.nspname || '.' || o.${prefix}name ${also}`,
    ...(unowned ? {} : { owner: `o.${prefix}owner` }),
    from: `${catalog} o JOIN pg_namespace n ON n.oid = o.${prefix}namespace WHERE ${inUserSchema}`,
  }
}

const withMethod = (column: string): string =>
  `|| ' USING ' || (SELECT m.amname FROM pg_am m WHERE m.oid = o.${column})`

/** Objects of no schema. @param acl the letter of `acldefault`. */
function global({ kind, catalog, prefix, unowned = false }: Ordinary, acl = ''): ObjectSource {
  return {
    kind: `'${kind}'`,
    id: [catalog, 'o.oid'],
    name: `o.${prefix}name`,
    ...(unowned ? {} : { owner: `o.${prefix}owner` }),
    ...(acl === '' ? {} : { acl: [`'${acl}'`, `o.${prefix}acl`] }),
    from: `${catalog} o WHERE ${ofUser('o.oid')}`,
  }
}

/** @param major of the server: catalogs differ. */
export function objectSources(major: number): readonly ObjectSource[] {
  return [
    ...relationSources(major),
    constraintsOfDomains,
    routines(major),
    types,
    schemas,
    extensions,
    statistics,
    operators,
    casts,
    userMappings,
    inSchema({ kind: 'collation', catalog: 'pg_collation', prefix: 'coll' }),
    inSchema({ kind: 'conversion', catalog: 'pg_conversion', prefix: 'con' }),
    inSchema(
      { kind: 'operator class', catalog: 'pg_opclass', prefix: 'opc' },
      withMethod('opcmethod'),
    ),
    inSchema(
      { kind: 'operator family', catalog: 'pg_opfamily', prefix: 'opf' },
      withMethod('opfmethod'),
    ),
    inSchema({ kind: 'text search configuration', catalog: 'pg_ts_config', prefix: 'cfg' }),
    inSchema({ kind: 'text search dictionary', catalog: 'pg_ts_dict', prefix: 'dict' }),
    inSchema({ kind: 'text search parser', catalog: 'pg_ts_parser', prefix: 'prs', unowned: true }),
    inSchema({
      kind: 'text search template',
      catalog: 'pg_ts_template',
      prefix: 'tmpl',
      unowned: true,
    }),
    global({ kind: 'event trigger', catalog: 'pg_event_trigger', prefix: 'evt' }),
    global({ kind: 'language', catalog: 'pg_language', prefix: 'lan' }, 'l'),
    global({ kind: 'access method', catalog: 'pg_am', prefix: 'am', unowned: true }),
    global(
      { kind: 'foreign-data wrapper', catalog: 'pg_foreign_data_wrapper', prefix: 'fdw' },
      'F',
    ),
    global({ kind: 'server', catalog: 'pg_foreign_server', prefix: 'srv' }, 'S'),
    global({ kind: 'publication', catalog: 'pg_publication', prefix: 'pub' }),
  ]
}
