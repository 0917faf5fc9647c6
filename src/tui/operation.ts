import { isCopyTo, type RunEvent, workName } from '../model/index.ts'
import { linesOf } from './event-lines.ts'
import type { Line } from './line.ts'
import type { Task } from './task.ts'

/** The task that goes on, or was the last to end. */
export interface Operation {
  readonly task: Task
  readonly startedAt: Date
  /** null: it goes on. */
  readonly endedAt: Date | null
  readonly isCancelled: boolean
  /** Whether its end has been looked at. */
  readonly isSeen: boolean
  readonly progress: readonly Progress[]
  /** Oldest first. */
  readonly log: readonly Line[]
  readonly outcome: Outcome | null
}

/** How far it is with one database. */
export interface Progress {
  readonly name: string
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly bytes: number
  /** null: not known. */
  readonly expectedBytes: number | null
  readonly ok: boolean | null
}

export interface Outcome {
  readonly ok: boolean
  /** What became of it, and what to do next. */
  readonly lines: readonly Line[]
}

/** What is kept of a log that nobody scrolls through. */
const longestLog = 500

export function begun(task: Task, now: Date): Operation {
  return {
    task,
    startedAt: now,
    endedAt: null,
    isCancelled: false,
    isSeen: false,
    progress: [],
    log: [],
    outcome: null,
  }
}

/** Whether something is being done right now. */
export function goesOn({ operation }: { readonly operation: Operation | null }): boolean {
  return operation !== null && operation.endedAt === null
}

/** The operation after one of its events. */
export function advance(operation: Operation, event: RunEvent, now: Date): Operation {
  return logged({ ...operation, progress: progressAfter(operation, event, now) }, linesOf(event))
}

/** The operation when it is over, whatever was under way. */
export function ended(operation: Operation, outcome: Outcome, now: Date): Operation {
  const progress = operation.progress.map((each) =>
    each.endedAt === null ? { ...each, endedAt: now, ok: false } : each,
  )
  return { ...logged(operation, outcome.lines), progress, endedAt: now, outcome }
}

export function logged(operation: Operation, lines: readonly Line[]): Operation {
  if (lines.length === 0) return operation
  return { ...operation, log: [...operation.log, ...lines].slice(-longestLog) }
}

function progressAfter({ progress }: Operation, event: RunEvent, now: Date): Operation['progress'] {
  if (event.kind === 'mirror-failed') return copiesFailed(progress, event.store, now)
  if (!('database' in event) || event.database === null) return progress
  const name = workName(event.database, event)
  const change = changeBy(event)
  if (change === null) return progress
  const known = progress.some((each) => each.name === name)
  const all = known ? progress : [...progress, newcomer(name, now)]
  return all.map((each) => (each.name === name ? { ...each, ...change(event, now, each) } : each))
}

function copiesFailed(
  progress: Operation['progress'],
  store: string,
  endedAt: Date,
): Operation['progress'] {
  return progress.map((each) =>
    each.endedAt === null && isCopyTo(each.name, store) ? { ...each, endedAt, ok: false } : each,
  )
}

function newcomer(name: string, now: Date): Progress {
  return { name, startedAt: now, endedAt: null, bytes: 0, expectedBytes: null, ok: null }
}

type Of<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>
type Change<Event> = (event: Event, now: Date, before: Progress) => Partial<Progress>
type Changes = {
  readonly [Kind in RunEvent['kind']]?: Change<Of<Kind>>
}

const begins = (_event: RunEvent, startedAt: Date): Partial<Progress> => ({ startedAt })
const grows = ({
  bytes,
  expectedBytes,
}: Of<'backup-grew' | 'verification-grew' | 'restore-grew'>) => ({
  bytes,
  expectedBytes,
})
/** One copy after the other goes to a store. */
const copies: Change<Of<'mirror-grew'>> = (
  { bytes, expectedBytes },
  now,
  { endedAt, startedAt },
) => ({
  bytes,
  expectedBytes,
  startedAt: endedAt === null ? startedAt : now,
  endedAt: null,
  ok: null,
})
/** Of a load that succeeded nothing was left out, whatever was heard of it last. */
const whole: Change<RunEvent> = (_event, endedAt, { bytes, expectedBytes }) => ({
  endedAt,
  ok: true,
  bytes: expectedBytes ?? bytes,
})
const ends = (ok: boolean) => (_event: RunEvent, endedAt: Date) => ({ endedAt, ok })

const changes: Changes = {
  'backup-started': begins,
  'verification-started': begins,
  'restore-started': begins,
  'backup-grew': grows,
  'verification-grew': grows,
  'restore-grew': grows,
  'mirror-grew': copies,
  mirrored: ({ bytes }, endedAt) => ({ endedAt, ok: true, bytes }),
  'backup-succeeded': ({ manifest: { bytes } }, endedAt) => ({ endedAt, ok: true, bytes }),
  'backup-failed': ends(false),
  'restore-succeeded': whole,
  'restore-failed': ends(false),
  'verification-ended': (event, endedAt, progress) =>
    event.verification.verdict.startsWith('verified')
      ? whole(event, endedAt, progress)
      : { endedAt, ok: false },
}

function changeBy(event: RunEvent): Change<RunEvent> | null {
  return (changes[event.kind] as Change<RunEvent> | undefined) ?? null
}

/** Bytes a second since it began; null before there is anything to tell. */
export function rateOf({ bytes, startedAt, endedAt }: Progress, now: Date): number | null {
  const seconds = ((endedAt ?? now).getTime() - startedAt.getTime()) / 1000
  return bytes === 0 || seconds <= 0 ? null : bytes / seconds
}

/** Of less than this part nothing can be told of the time that the whole takes. */
const leastPart = 0.01

/** In seconds; null: nobody knows. */
export function secondsLeft(progress: Progress, now: Date): number | null {
  const { bytes, expectedBytes, endedAt } = progress
  const rate = rateOf(progress, now)
  if (endedAt !== null || expectedBytes === null || rate === null) return null
  if (bytes < expectedBytes * leastPart || bytes > expectedBytes) return null
  return (expectedBytes - bytes) / rate
}

/** Between 0 and 1; null: nobody knows. */
export function partOf({ bytes, expectedBytes, endedAt, ok }: Progress): number | null {
  if (endedAt !== null) return ok === true ? 1 : null
  if (expectedBytes === null || expectedBytes === 0) return null
  return Math.min(1, bytes / expectedBytes)
}
