import type { LargeObjects, TableFingerprint, TableName } from './manifest.ts'
import type { ObjectsOfKind } from './objects.ts'

/** A step of a verification or restore and how long it took, in milliseconds. */
export interface Phase {
  readonly name: string
  readonly ms: number
}

/** Where a sequence stands; `value` is a number too large for JavaScript. */
export interface SequenceState {
  readonly value: string
  readonly called: boolean
}

/**
 * A partitioned table that is filled through its root, by its name: a row may then be in another
 * partition than it was in.
 */
export interface LoadedTree extends TableName {
  /** Partitions that have rows of their own, at any depth. */
  readonly leaves: readonly TableName[]
}

/** What was found in a database that was restored on a scratch server. */
export interface RestoredFacts {
  /** Of the scratch server. */
  readonly serverVersion: string
  readonly databaseBytes: number
  /** Base tables, in all schemas but the system's. */
  readonly tables: readonly TableFingerprint[]
  /** null when they could not be read. */
  readonly largeObjects: LargeObjects | null
  /** Why some tables or large objects could not be counted; null when all were. */
  readonly countProblem: string | null
  /** What the archive itself holds for its tables; null where its format does not say. */
  readonly archiveTables: readonly TableFingerprint[] | null
  /** Their partitions are compared all together. */
  readonly trees: readonly LoadedTree[]
  /** Sequences that the archive sets, with what they were found at (null: not there). */
  readonly sequences: readonly {
    readonly name: string
    readonly archive: SequenceState
    readonly restored: SequenceState | null
  }[]
  /** What else is there, with all names, values of sequences as the archive has them. */
  readonly objects: readonly ObjectsOfKind[]
  /** Indexes that the server does not use, such as `public.orders_pkey`. */
  readonly invalidIndexes: readonly string[]
  /** Constraints that old rows were never tested against, as `NOT VALID` in the archive says. */
  readonly unvalidatedConstraints: readonly string[]
  /** Extensions of the dump that the scratch server does not have. */
  readonly missingExtensions: readonly string[]
  /** Roles that the archive refers to but does not define. */
  readonly inventedRoles: readonly string[]
  /** Statements of the archive that failed. */
  readonly sqlErrors: readonly string[]
  /** The user's own checks (`VERIFY_CHECKS`); `problem` is null for one that holds. */
  readonly checks: readonly { readonly name: string; readonly problem: string | null }[]
  /** Base tables in the schema that must have some; null when no schema is special (D-35). */
  readonly schema: { readonly name: string; readonly tables: number } | null
  /** Anything else that a reader of the verdict should know. */
  readonly remarks: readonly string[]
}

/** What became of the try to restore an archive. */
export type Trial =
  /** Every statement was run; whether the outcome is right is for the verdict. */
  | { readonly kind: 'restored'; readonly facts: RestoredFacts }
  /** The archive itself is damaged, or its SQL fails. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** The verifier's own trouble, with the tail of its server's log. */
  | { readonly kind: 'trouble'; readonly reason: string; readonly log: readonly string[] }
