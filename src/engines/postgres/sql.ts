/*
 * Which tables pg_dump dumps with their rows, as conditions on `pg_class c` and `pg_namespace n`:
 * ordinary tables outside the system's schemas, but not those that belong to an extension, and
 * not unlogged ones on a standby, where pg_dump leaves their rows out.
 */

const inUserSchema = String.raw`n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`

const ofNoExtension = `NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.objid = c.oid AND d.deptype = 'e')`

/** Tables of extensions whose rows the extension asked to have dumped. */
const configurationOfExtension = `c.oid IN (
    SELECT pg_catalog.unnest(e.extconfig) FROM pg_catalog.pg_extension e)`

const readableHere = `(c.relpersistence = 'p' OR (c.relpersistence = 'u' AND NOT pg_catalog.pg_is_in_recovery()))`

const joined = `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

/** From and where of the tables whose rows are counted. */
export const countedTables = `FROM ${joined}
  WHERE c.relkind = 'r' AND ${readableHere} AND ${inUserSchema} AND ${ofNoExtension}`

/** From and where of everything that pg_dump locks or reads: partitioned tables and sequences, too. */
export const readRelations = `FROM ${joined}
  WHERE c.relkind IN ('r', 'p', 'S') AND ${readableHere}
    AND ((${inUserSchema} AND ${ofNoExtension}) OR ${configurationOfExtension})`
