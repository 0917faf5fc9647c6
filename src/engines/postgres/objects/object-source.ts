/** One SELECT over a catalog; its fields are SQL. */
export interface ObjectSource {
  /** The kind, as a literal or CASE. */
  readonly kind: string
  /** The system catalog and the oid in it. */
  readonly id: readonly [catalog: string, oid: string]
  /** What it is a part of; absent for what stands alone. */
  readonly partOf?: readonly [catalog: string, oid: string]
  readonly name: string
  readonly owner?: string
  /** The letter of `acldefault`, and the grants. */
  readonly acl?: readonly [type: string, acl: string]
  /** FROM and WHERE. */
  readonly from: string
}

/** As pg_dump decides it. */
export const inUserSchema = String.raw`n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`
