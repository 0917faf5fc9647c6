import { basename, join } from 'node:path'
import { type Format, Refusal } from '../../model/index.ts'
import {
  baseEnvironment,
  type Command,
  type Environment,
  ProcessFailure,
  runPipeline,
} from '../../platform/index.ts'
import type { Tools } from './tools.ts'

/** The first line that a tool writes names the cause; the last only says that there was one. */
const mostLines = 3

interface Setting {
  readonly tools: Pick<Tools, 'folder'>
  readonly environment: Environment
  readonly signal: AbortSignal
}

/**
 * Lets pg_restore read a dump in pg_dump's own formats, which end in no mark: its table of contents,
 * and with `whole` every byte of it. Nothing is restored.
 * @throws {Refusal} when it cannot, or when there is nothing in it.
 */
export async function readBackDump(
  path: string,
  { format, whole }: { readonly format: Exclude<Format, 'plain'>; readonly whole: boolean },
  setting: Setting,
): Promise<void> {
  const entries = await lines(listing(path, format, setting), path, setting)
  if (entries.length === 0) throw notWhole(path, 'It has no table of contents.')
  if (whole && format === 'custom') {
    await lines(restoreCommand(['--file=/dev/null', path], setting), path, setting)
  }
}

function listing(path: string, format: Exclude<Format, 'plain'>, setting: Setting): Command {
  if (format === 'custom') return restoreCommand(['--list', path], setting)
  // Reads the whole file, each member's header on the way.
  const environment = baseEnvironment(setting.environment)
  return { program: 'tar', args: ['--list', `--file=${path}`], environment }
}

function restoreCommand(args: readonly string[], { tools, environment }: Setting): Command {
  return {
    program: join(tools.folder, 'pg_restore'),
    args,
    environment: baseEnvironment(environment),
  }
}

/** What is in it: lines of a listing that are no comments. */
async function lines(
  command: Command,
  path: string,
  { signal }: Setting,
): Promise<readonly string[]> {
  try {
    const chunks = await runPipeline([command], collect, { signal })
    const all = chunks.split('\n').filter((line) => line !== '' && !line.startsWith(';'))
    return command.program === 'tar' && !all.includes('./toc.dat') ? [] : all
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error
    const said = error.ending.stderr.slice(0, mostLines).join('; ')
    throw notWhole(path, said === '' ? error.message : said)
  }
}

async function collect(output: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function notWhole(path: string, reason: string): Refusal {
  return new Refusal(`The dump in ${basename(path)} is not whole.`, {
    reason,
    advice:
      'Look at what PG_BIN_DIR and the PATH lead to (pg_dump, pg_restore, tar), and at the volume.',
  })
}
