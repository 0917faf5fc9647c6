import {
  type DatabaseOutcome,
  type MirrorRecord,
  type RunDocument,
  triggers,
} from '../model/index.ts'
import { absentOr, count, instant, listOf, nullOr, oneOf, record, text } from './shape.ts'

const error = record<NonNullable<DatabaseOutcome['error']>>({
  message: text,
  reason: text,
  advice: text,
})

const outcome = record<DatabaseOutcome>({
  spec: text,
  state: oneOf('running', 'succeeded', 'failed', 'interrupted'),
  startedAt: absentOr(instant),
  endedAt: nullOr(instant),
  path: nullOr(text),
  bytes: nullOr(count),
  error: nullOr(error),
})

const mirror = record<MirrorRecord>({
  store: text,
  copied: listOf(text),
  repaired: listOf(text),
  removed: listOf(text),
  failures: listOf(record<MirrorRecord['failures'][number]>({ path: nullOr(text), error })),
})

/** What is wrong with the content of a run document, if anything. */
export const runShape = record<RunDocument>({
  version: oneOf(1),
  id: text,
  verb: oneOf('back-up', 'prune', 'restore', 'verify', 'check', 'mirror'),
  trigger: oneOf(...triggers),
  job: absentOr(text),
  who: text,
  host: text,
  pid: count,
  startedAt: instant,
  endedAt: nullOr(instant),
  result: oneOf('succeeded', 'failed', 'interrupted', null),
  databases: listOf(outcome),
  removed: listOf(text),
  mirrors: absentOr(listOf(mirror)),
})
