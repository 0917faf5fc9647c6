import {
  type Acceptance,
  type Appraisal,
  type Check,
  type Copy,
  codecs,
  type DatabaseFacts,
  type EncryptedTo,
  engineNames,
  type Fingerprint,
  fingerprintModes,
  formats,
  type LargeObjects,
  type Manifest,
  type ObjectsOfKind,
  type OriginalFile,
  type Phase,
  type TableFingerprint,
  triggers,
  type Verification,
  verdicts,
} from '../model/index.ts'
import { absentOr, count, flag, instant, listOf, nullOr, oneOf, record, text } from './shape.ts'

const table = record<TableFingerprint>({
  schema: text,
  table: text,
  rows: count,
  digest: absentOr(text),
})

const objects = record<ObjectsOfKind>({
  kind: text,
  count,
  digest: text,
  names: nullOr(listOf(text)),
})

const fingerprint = record<Fingerprint>({
  mode: oneOf(...fingerprintModes),
  tables: nullOr(listOf(table)),
  problem: nullOr(text),
  objects: absentOr(nullOr(listOf(objects))),
  largeObjects: absentOr(nullOr(record<LargeObjects>({ bytes: count, digest: absentOr(text) }))),
})

const database = record<DatabaseFacts>({
  name: text,
  owner: text,
  encoding: text,
  collate: text,
  ctype: text,
  provider: absentOr(text),
  locale: absentOr(nullOr(text)),
  acl: nullOr(text),
  settings: listOf(
    record<DatabaseFacts['settings'][number]>({ role: nullOr(text), setting: text }),
  ),
})

const copy = record<Copy>({
  store: text,
  path: text,
  bytes: count,
  sha256: text,
  checkedAt: instant,
  isReadBack: absentOr(flag),
  manifestSha256: absentOr(text),
  lostAt: absentOr(instant),
})

const original = record<OriginalFile>({
  path: text,
  codec: oneOf(...codecs),
  bytes: count,
  sha256: text,
})

const verification = record<Verification>({
  verdict: oneOf(...verdicts),
  at: instant,
  differences: listOf(text),
  durationMs: absentOr(count),
  phases: absentOr(listOf(record<Phase>({ name: text, ms: count }))),
  serverVersion: absentOr(text),
  tables: absentOr(count),
  rows: absentOr(count),
  rowsCompared: absentOr(flag),
  objects: absentOr(
    listOf(record<NonNullable<Verification['objects']>[number]>({ kind: text, count })),
  ),
  databaseBytes: absentOr(count),
})

const check = record<Check>({
  ok: flag,
  at: instant,
  problem: nullOr(text),
  limits: absentOr(text),
})

const encryption = record<EncryptedTo>({
  kind: oneOf('age'),
  recipients: nullOr(listOf(text)),
})

/** What is wrong with the content of a manifest file, if anything. */
export const manifestShape = record<Manifest>({
  version: oneOf(1),
  path: text,
  spec: text,
  engine: oneOf(...engineNames),
  format: oneOf(...formats),
  codec: oneOf(...codecs),
  encryption: absentOr(encryption),
  startedAt: instant,
  finishedAt: instant,
  bytes: count,
  sha256: text,
  databaseBytes: nullOr(count),
  serverVersion: text,
  toolVersion: text,
  trigger: oneOf(...triggers),
  fingerprint,
  roles: listOf(text),
  rolesIncluded: flag,
  rolesSql: absentOr(text),
  extensions: listOf(record<Manifest['extensions'][number]>({ name: text, version: text })),
  database,
  warnings: listOf(text),
  copies: listOf(copy),
  original: absentOr(original),
  verifications: listOf(verification),
  check: nullOr(check),
  pinnedAt: absentOr(instant),
})

/** What is wrong with the content of an appraisal file, if anything. */
export const appraisalShape = record<Appraisal>({
  version: oneOf(1),
  path: text,
  bytes: count,
  sha256: absentOr(text),
  copies: absentOr(listOf(copy)),
  verifications: listOf(verification),
  check: nullOr(check),
  pinnedAt: absentOr(instant),
})

/** What is wrong with the content of the file of an acceptance, if anything. */
export const acceptanceShape = record<Acceptance>({
  version: oneOf(1),
  path: text,
  at: instant,
  takenAt: instant,
  format: oneOf(...formats),
  codec: oneOf(...codecs),
  bytes: count,
  rows: nullOr(count),
})
