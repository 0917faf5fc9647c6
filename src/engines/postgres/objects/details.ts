/*
 * What objects have beside their names, each as a SELECT of kind and name over `object`, the
 * objects of `sources.ts`.
 */

/**
 * pg_dump fills a materialized view if it was filled, and none of those was empty that it reads,
 * perhaps through views.
 */
const filledViews = `
  SELECT 'materialized view with data', o.name
  FROM object o JOIN pg_class c ON c.oid = o.id
  WHERE o.kind = 'materialized view' AND c.relispopulated AND o.id NOT IN (SELECT reader FROM empty_reads)`

/** WITH RECURSIVE: the materialized views that read an empty one. */
export const emptyReads = `
  empty_reads (reader) AS (
    SELECT c.oid FROM pg_class c WHERE c.relkind = 'm' AND NOT c.relispopulated
    UNION
    SELECT w.ev_class FROM empty_reads e
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = e.reader
        AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> e.reader
      JOIN pg_class c ON c.oid = w.ev_class AND c.relkind IN ('m', 'v'))`

/** A standby cannot read unlogged ones. */
const valuesOfSequences = `
  SELECT 'value of sequence', o.name FROM object o JOIN pg_class c ON c.oid = o.id
  WHERE o.kind = 'sequence' AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())`

/** The index of a constraint goes by the name of that. */
const inheritance = `
  SELECT 'inheritance', o.name || ' of ' || n.nspname || '.' || p.relname
  FROM object o JOIN pg_inherits h ON h.inhrelid = o.id
    JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
  WHERE o.catalog = 'pg_class'::regclass
  UNION ALL
  SELECT 'inheritance', o.name || ' of ' || n.nspname || '.' || p.relname
  FROM object o JOIN pg_constraint k ON k.oid = o.id JOIN pg_inherits h ON h.inhrelid = k.conindid
    JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
  WHERE o.catalog = 'pg_constraint'::regclass AND k.contype IN ('p', 'u', 'x')`

/** Partitions have the identity of their parent since version 17, and none before. */
const columns = `
  SELECT 'default of column', o.name || '.' || a.attname
  FROM object o JOIN pg_attrdef d ON d.adrelid = o.id
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  WHERE o.catalog = 'pg_class'::regclass
  UNION ALL
  SELECT 'identity column', o.name || '.' || a.attname
  FROM object o JOIN pg_class c ON c.oid = o.id
    JOIN pg_attribute a ON a.attrelid = o.id AND a.attidentity <> '' AND NOT a.attisdropped
  WHERE o.catalog = 'pg_class'::regclass AND NOT c.relispartition`

const ownedSequences = `
  SELECT 'owned sequence', o.name || ' of ' || n.nspname || '.' || t.relname || '.' || a.attname
  FROM object o JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = o.id
      AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a' AND d.refobjsubid > 0
    JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE o.kind = 'sequence'`

/**
 * What a statement of its own makes different from the default. A name with `(forced)` does not say
 * whether it is enabled, too, and stays as it is for the manifests that have it.
 */
const switches = `
  SELECT 'row-level security of', o.name || CASE WHEN c.relforcerowsecurity THEN ' (forced)' ELSE '' END
  FROM object o JOIN pg_class c ON c.oid = o.id
  WHERE o.kind IN ('table', 'partitioned table') AND (c.relrowsecurity OR c.relforcerowsecurity)
  UNION ALL
  SELECT 'enabled, forced row-level security of', o.name
  FROM object o JOIN pg_class c ON c.oid = o.id
  WHERE o.kind IN ('table', 'partitioned table') AND c.relrowsecurity AND c.relforcerowsecurity
  UNION ALL
  SELECT 'replica identity of', o.name || CASE c.relreplident WHEN 'f' THEN ' (full)' ELSE ' (nothing)' END
  FROM object o JOIN pg_class c ON c.oid = o.id
  WHERE o.kind IN ('table', 'partitioned table', 'materialized view') AND c.relreplident IN ('n', 'f')
  UNION ALL
  SELECT flag.kind, o.name || '.' || i.relname
  FROM object o JOIN pg_index x ON x.indrelid = o.id AND x.indisvalid JOIN pg_class i ON i.oid = x.indexrelid
    CROSS JOIN LATERAL (VALUES ('replica identity of', x.indisreplident), ('clustering on', x.indisclustered))
      AS flag (kind, is_on)
  WHERE o.kind IN ('table', 'partitioned table', 'materialized view') AND flag.is_on
  UNION ALL
  SELECT 'switched trigger or rule', o.kind || ' ' || o.name
    || CASE s.mode WHEN 'D' THEN ' (disabled)' WHEN 'R' THEN ' (replica)' ELSE ' (always)' END
  FROM object o JOIN (
    SELECT 'pg_trigger'::regclass AS catalog, oid AS id, tgenabled AS mode FROM pg_trigger
    UNION ALL SELECT 'pg_rewrite'::regclass, oid, ev_enabled FROM pg_rewrite
    UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtenabled FROM pg_event_trigger
  ) s ON s.catalog = o.catalog AND s.id = o.id
  WHERE s.mode <> 'O'`

const owners = `
  SELECT 'owner', pg_get_userbyid(o.owner) || ' of ' || o.kind || ' ' || o.name
  FROM object o WHERE o.owner IS NOT NULL`

/** Rights of each grantee as one text. Version 17 added MAINTAIN to ALL, so it cannot be compared. */
const rights = `string_agg(r.privilege_type || CASE WHEN r.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY r.privilege_type)`
const grantee = `CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r.grantee) END`
const exploded = (acl: string): string =>
  `SELECT grantee, privilege_type, bool_or(is_grantable) AS is_grantable FROM aclexplode(${acl})
    WHERE privilege_type <> 'MAINTAIN' GROUP BY grantee, privilege_type`

/**
 * How the grants differ from those that an object begins with. The scratch server lets everybody
 * into all schemas, so what PUBLIC may do there is left out.
 */
const grants = `
  SELECT r.kind, ${rights} || ' on ' || o.kind || ' ' || o.name || r.direction || ${grantee}
  FROM object o CROSS JOIN LATERAL (
    SELECT 'grant' AS kind, ' to ' AS direction, more.* FROM (
      ${exploded('o.acl')} EXCEPT ${exploded('acldefault(o.acltype, o.owner)')}) more
    UNION ALL
    SELECT 'revoked right', ' from ', fewer.* FROM (
      ${exploded('acldefault(o.acltype, o.owner)')} EXCEPT ${exploded('o.acl')}) fewer) r
  WHERE o.acl IS NOT NULL AND NOT (o.kind = 'schema' AND r.grantee = 0)
  GROUP BY o.kind, o.name, r.kind, r.direction, r.grantee
  UNION ALL
  SELECT 'grant', ${rights} || ' on column ' || o.name || '.' || a.attname || ' to ' || ${grantee}
  FROM object o JOIN pg_attribute a ON a.attrelid = o.id AND a.attacl IS NOT NULL AND NOT a.attisdropped
    CROSS JOIN LATERAL (${exploded('a.attacl')}) r
  WHERE o.catalog = 'pg_class'::regclass
  GROUP BY o.name, a.attname, r.grantee
  UNION ALL
  SELECT 'default privilege', COALESCE(${rights}, 'nothing') || ' on ' || d.defaclobjtype::text || ' of '
    || pg_get_userbyid(d.defaclrole) || COALESCE(' in schema ' || n.nspname, '') || ' to ' || COALESCE(${grantee}, 'nobody')
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
    LEFT JOIN LATERAL (${exploded('d.defaclacl')}) r ON true
  GROUP BY d.defaclobjtype, d.defaclrole, n.nspname, r.grantee`

/** Extensions bring their own. */
const comments = `
  SELECT 'comment', 'on ' || o.kind || ' ' || o.name || COALESCE('.' || a.attname, '')
  FROM object o JOIN pg_description d ON d.classoid = o.catalog AND d.objoid = o.id
    LEFT JOIN pg_attribute a ON d.classoid = 'pg_class'::regclass AND d.objsubid > 0
      AND a.attrelid = d.objoid AND a.attnum = d.objsubid
  WHERE o.kind <> 'extension'`

export const details = [
  filledViews,
  valuesOfSequences,
  inheritance,
  columns,
  ownedSequences,
  switches,
  owners,
  grants,
  comments,
]
