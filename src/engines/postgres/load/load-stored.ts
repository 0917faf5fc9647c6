import { mkdir, mkdtemp, rm } from 'node:fs/promises'
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
    const path =
      archive.format === 'directory'
        ? await unpack(archive.path, scratch, options.signal)
        : archive.path
    const stored = { path, scratch, manifest: archive.manifest }
    const counts = await countStored(stored, target, options.signal)
    phases.begin('load')
    const errors = await restore(path, target, options)
    return { errors, phases: phases.all(), ...counts }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function restore(
  path: string,
  { database, environment, tools }: LoadTarget,
  { jobs, ignoreErrors, signal }: LoadOptions,
): Promise<LoadReport['errors']> {
  signal.throwIfAborted()
  const args = [
    '--no-password',
    ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
    ...(ignoreErrors ? [] : ['--exit-on-error']),
    `--dbname=${connectionString(database, environment)}`,
    path,
  ]
  const program = join(tools.folder, 'pg_restore')
  const child = startChild({ program, args, environment }, 'ignore', 'pipe')
  child.process.stdout?.resume()
  const errors = restoreErrors()
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
