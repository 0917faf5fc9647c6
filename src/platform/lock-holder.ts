import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isCode } from './files.ts'

/** What the holder of a lock writes into it. */
export interface LockRecord {
  readonly host: string
  readonly pid: number
  /** Which machine since its boot, and which numbering of processes; null where there is no /proc. */
  readonly bootId: string | null
  readonly pidNamespace: string | null
  /** Clock ticks from the boot to the start of the process: tells it from a later one of its pid. */
  readonly processStart: string | null
  readonly token: string
  /** For people: `backup.sh -1`. */
  readonly what: string
  /** ISO 8601, UTC, by the clock of the holder. */
  readonly since: string
}

export function recordOfThisProcess(what: string, since: Date): LockRecord {
  return {
    host: hostname(),
    pid: process.pid,
    ...machine(),
    processStart: processState(process.pid)?.start ?? null,
    token: randomUUID(),
    what,
    since: since.toISOString(),
  }
}

/** null for a text that is no whole record: the disk was full, or it is being written. */
export function parseLockRecord(text: string): LockRecord | null {
  try {
    const value = JSON.parse(text) as Partial<LockRecord> | null
    const texts = [value?.host, value?.token, value?.what, value?.since]
    const isWhole = texts.every((part) => typeof part === 'string') && Number.isInteger(value?.pid)
    return isWhole ? (value as LockRecord) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/**
 * Whether the process of a record has ended: true or false where its numbers mean something here,
 * null where they do not: another machine, another container, or a process we may not look at.
 */
export function hasEnded(record: LockRecord): boolean | null {
  const { bootId, pidNamespace } = machine()
  const isHere = record.bootId === bootId && record.pidNamespace === pidNamespace
  if (bootId === null || pidNamespace === null || !isHere) return null
  if (!processExists(record.pid)) return true
  const state = processState(record.pid)
  if (state === null || record.processStart === null) return null
  // A zombie has ended, too: in a container without an init process nobody asks for its status.
  return state.start !== record.processStart || 'ZX'.includes(state.letter)
}

/** Whether a process has this number, ours or not. */
export function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !isCode(error, 'ESRCH')
  }
}

function machine(): Pick<LockRecord, 'bootId' | 'pidNamespace'> {
  return {
    bootId: unlessMissing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: unlessMissing(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/** From `/proc/<pid>/stat`, whose second field may itself hold blanks and parentheses. */
function processState(pid: number): { letter: string; start: string } | null {
  const text = unlessMissing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
  const [letter, start] = [fields[0], fields[19]]
  return letter === undefined || start === undefined ? null : { letter, start }
}

/** Anything may be hidden or absent below /proc; then we do not know, and say so. */
function unlessMissing(read: () => string): string | null {
  try {
    return read()
  } catch (error) {
    if (isCode(error, 'ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR', 'EINVAL')) return null
    throw error
  }
}
