import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { type Child, startChild } from '../../../platform/index.ts'
import type { CheckedArchive } from '../archive/archive.ts'
import { CopyGuard } from './copy-guard.ts'
import { loadFailure } from './failure.ts'
import type { LoadOptions, LoadReport, LoadTarget } from './load-types.ts'
import { psqlCommand } from './psql-command.ts'
import { type Guard, guardFor } from './restrict.ts'
import { DumpSplitter } from './split/dump-splitter.ts'
import { SqlErrors } from './sql-errors.ts'
import { Tally } from './tally.ts'

/** One psql, one connection: every dump can be loaded so. */
export async function loadOnOne(
  archive: CheckedArchive,
  target: LoadTarget,
  options: LoadOptions,
): Promise<LoadReport> {
  const started = performance.now()
  const guard = guardFor(archive, target.tools)
  const tally = new Tally()
  const psql = startChild(psqlCommand(target, options), 'pipe', 'pipe')
  const { stdout } = psql.process
  if (stdout === null) throw new TypeError('psql was started without an output.')
  const ended = new AbortController()
  void psql.ending.then(() => ended.abort())
  stdout.resume()
  const linesBefore = guard === null ? 0 : 1
  const errors = new SqlErrors(psql, { linesBefore })
  psql.process.stderr?.on('data', (chunk: Buffer) => errors.add(chunk))
  const stop = (): void => psql.stop()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    const dump = archive.openSql(options.signal)
    const sql = options.ignoreErrors
      ? new CopyGuard(tally, { output: stdout, errors, ended: ended.signal, linesBefore }).pass(
          dump,
        )
      : counted(dump, tally)
    await feed(psql, guarded(sql, guard), { archive, options })
    const ending = await psql.ending
    options.signal.throwIfAborted()
    if (ending.exitCode !== 0) throw loadFailure(errors.all(), ending.stderr)
  } finally {
    options.signal.removeEventListener('abort', stop)
    psql.stop()
    await psql.ending
  }
  const ms = performance.now() - started
  return { errors: errors.all(), phases: [{ name: 'load', ms }], ...tally.report() }
}

/** Passes the dump on as it is, and counts on the way what it says it holds. */
async function* counted(sql: AsyncIterable<Buffer>, tally: Tally): AsyncGenerator<Buffer> {
  const splitter = new DumpSplitter()
  for await (const chunk of sql) {
    for (const piece of splitter.push(chunk)) tally.hear(piece)
    yield chunk
  }
  for (const piece of splitter.end()) tally.hear(piece)
}

async function* guarded(sql: AsyncIterable<Buffer>, guard: Guard | null): AsyncGenerator<Buffer> {
  if (guard !== null) yield guard.before
  yield* sql
  if (guard !== null) yield guard.after
}

interface Feeding {
  readonly archive: CheckedArchive
  readonly options: LoadOptions
}

/** Sends all bytes, as fast as psql takes them. When psql ends early its status says why. */
async function feed(
  psql: Child,
  sql: AsyncIterable<Buffer>,
  { archive, options }: Feeding,
): Promise<void> {
  const { stdin } = psql.process
  if (stdin === null) throw new TypeError('psql was started without an input.')
  const gone = new AbortController()
  stdin.on('error', () => gone.abort())
  void psql.ending.then(() => gone.abort())
  let bytes = 0
  for await (const chunk of sql) {
    if (gone.signal.aborted) return
    bytes += chunk.length
    if (!stdin.write(chunk)) await drained(stdin, gone.signal)
    options.onProgress?.(bytes, archive.sqlBytes)
  }
  stdin.end()
}

async function drained(stdin: Writable, gone: AbortSignal): Promise<void> {
  try {
    await once(stdin, 'drain', { signal: gone })
  } catch (error) {
    if (!gone.aborted) throw error
  }
}
