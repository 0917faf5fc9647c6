import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../../../platform/index.ts'
import type { CheckedArchive } from '../archive/archive.ts'
import { connectionString } from '../connection.ts'
import { countStored } from './count-stored.ts'
import { loadFailure } from './failure.ts'
import type { LoadOptions, LoadReport, LoadTarget } from './load-types.ts'
import { Phases } from './phases.ts'
import { restoreErrors } from './sql-errors.ts'
import { unpack } from './unpack.ts'

/** The formats that pg_restore reads; it spreads the work over its own connections. */
export async function loadStored(
  archive: CheckedArchive,
  target: LoadTarget,
  options: LoadOptions,
): Promise<LoadReport> {
  const phases = new Phases()
  const parent = options.scratchFolder ?? tmpdir()
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const scratch = await mkdtemp(join(parent, 'load-'))
  try {
    phases.begin('unpack')
    const path = await unpacked(archive, scratch, options.signal)
    const stored = { path, scratch, manifest: archive.manifest }
    const counts = await countStored(stored, target, options.signal)
    phases.begin('load')
    // Of a tar pg_restore reads one table after the other.
    const jobs = archive.format === 'tar' ? 1 : options.jobs
    const errors = await restore(path, target, { ...options, jobs })
    return { errors, phases: phases.all(), ...counts }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** A path that pg_restore can read. */
async function unpacked(
  archive: CheckedArchive,
  scratch: string,
  signal: AbortSignal,
): Promise<string> {
  if (archive.format === 'directory') return await unpack(archive.path, scratch, signal)
  if (archive.format !== 'tar') return archive.path
  const path = join(scratch, 'dump.tar')
  await writeFile(path, archive.openSql(signal), { mode: 0o600, signal })
  return path
}

async function restore(
  path: string,
  { database, environment, tools }: LoadTarget,
  { jobs, ignoreErrors, signal, withoutTablespaces = false }: LoadOptions,
): Promise<LoadReport['errors']> {
  signal.throwIfAborted()
  const args = [
    '--no-password',
    ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
    ...(ignoreErrors ? [] : ['--exit-on-error']),
    ...(withoutTablespaces ? ['--no-tablespaces'] : []),
    `--dbname=${connectionString(database, environment)}`,
    path,
  ]
  const program = join(tools.folder, 'pg_restore')
  const child = startChild({ program, args, environment }, 'ignore', 'pipe')
  child.process.stdout?.resume()
  const errors = restoreErrors(child)
  child.process.stderr?.on('data', (chunk: Buffer) => errors.add(chunk))
  const stop = (): void => child.stop()
  signal.addEventListener('abort', stop, { once: true })
  const { exitCode, stderr } = await child.ending
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  // It counts the errors that it passed over, and ends with 1 then, too.
  const passedOver =
    ignoreErrors && stderr.some((line) => line.includes('errors ignored on restore'))
  if (exitCode !== 0 && !passedOver) throw loadFailure(errors.all(), stderr)
  return errors.all()
}
