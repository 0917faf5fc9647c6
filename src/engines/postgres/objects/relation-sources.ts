import { inUserSchema, type ObjectSource } from './object-source.ts'

const tableOf = (oid: string): string =>
  `JOIN pg_class t ON t.oid = ${oid} JOIN pg_namespace n ON n.oid = t.relnamespace`
const nameInTable = (name: string): string => `n.nspname || '.' || t.relname || '.' || ${name}`

const relations: ObjectSource = {
  kind: `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table'
    WHEN 'f' THEN 'foreign table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
    ELSE 'sequence' END`,
  id: ['pg_class', 'c.oid'],
  name: `n.nspname || '.' || c.relname`,
  owner: 'c.relowner',
  acl: [`CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END`, 'c.relacl'],
  from: `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND ${inUserSchema}`,
}

/** Those of a constraint go with it; pg_dump leaves out invalid ones, but for partitioned tables. */
const indexes: ObjectSource = {
  kind: `'index'`,
  id: ['pg_class', 'i.oid'],
  partOf: ['pg_class', 't.oid'],
  name: `n.nspname || '.' || i.relname`,
  from: `pg_index x JOIN pg_class i ON i.oid = x.indexrelid ${tableOf('x.indrelid')}
    WHERE (x.indisvalid OR t.relkind = 'p') AND x.indisready AND ${inUserSchema}
      AND NOT EXISTS (SELECT FROM pg_constraint k
        WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))`,
}

const contypes = `CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'f' THEN 'foreign key'
    WHEN 'u' THEN 'unique constraint' WHEN 'c' THEN 'check constraint'
    ELSE 'exclusion constraint' END`

/**
 * NOT NULL became a constraint in version 18 only. Foreign keys that a partition has from its
 * parent are made with that one's, under names that differ from version to version.
 */
const constraints = (major: number): ObjectSource => ({
  kind: contypes,
  id: ['pg_constraint', 'k.oid'],
  partOf: ['pg_class', 't.oid'],
  name: nameInTable('k.conname'),
  from: `pg_constraint k ${tableOf('k.conrelid')}
    WHERE k.contype IN ('p', 'u', 'x', 'c', 'f') AND ${inUserSchema}
      ${major >= 11 ? `AND NOT (k.contype = 'f' AND k.conparentid <> 0)` : ''}`,
})

/** Without those that a partition has from its parent; before version 13 they are internal. */
const triggers = (major: number): ObjectSource => ({
  kind: `'trigger'`,
  id: ['pg_trigger', 'g.oid'],
  partOf: ['pg_class', 't.oid'],
  name: nameInTable('g.tgname'),
  from: `pg_trigger g ${tableOf('g.tgrelid')}
    WHERE NOT g.tgisinternal AND ${inUserSchema} ${major >= 13 ? 'AND g.tgparentid = 0' : ''}`,
})

const rules: ObjectSource = {
  kind: `'rule'`,
  id: ['pg_rewrite', 'w.oid'],
  partOf: ['pg_class', 't.oid'],
  name: nameInTable('w.rulename'),
  from: `pg_rewrite w ${tableOf('w.ev_class')} WHERE w.rulename <> '_RETURN' AND ${inUserSchema}`,
}

const policies: ObjectSource = {
  kind: `'policy'`,
  id: ['pg_policy', 'p.oid'],
  partOf: ['pg_class', 't.oid'],
  name: nameInTable('p.polname'),
  from: `pg_policy p ${tableOf('p.polrelid')} WHERE ${inUserSchema}`,
}

const publishedTables: ObjectSource = {
  kind: `'publication of'`,
  id: ['pg_publication_rel', 'r.oid'],
  partOf: ['pg_publication', 'p.oid'],
  name: `n.nspname || '.' || t.relname || ' in ' || p.pubname`,
  from: `pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid ${tableOf('r.prrelid')}
    WHERE ${inUserSchema}`,
}

/** Tables, views and sequences, and what is a part of them. @param major of the server. */
export function relationSources(major: number): readonly ObjectSource[] {
  return [relations, indexes, constraints(major), triggers(major), rules, policies, publishedTables]
}
