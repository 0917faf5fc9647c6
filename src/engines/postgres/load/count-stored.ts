import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../../../model/index.ts'
import { type Command, runCommand, runPipeline } from '../../../platform/index.ts'
import type { LoadReport, LoadTarget } from './load-types.ts'
import { DumpSplitter } from './split/dump-splitter.ts'
import { Tally } from './tally.ts'

interface Stored {
  readonly path: string
  /** For a file that pg_restore wants. */
  readonly scratch: string
  readonly manifest: Manifest | null
}

/**
 * What an archive in pg_dump's own formats says it holds. Sequences are read alone, which is quick;
 * rows, which takes reading all of it once more, only when no manifest has counted them.
 */
export async function countStored(
  stored: Stored,
  target: LoadTarget,
  signal: AbortSignal,
): Promise<Pick<LoadReport, 'rows' | 'sequences'>> {
  if (stored.manifest?.fingerprint.tables == null) {
    return await count(['--data-only', stored.path], target, signal)
  }
  const listing = await runCommand(command(['--list', stored.path], target), { signal })
  const sequences = listing
    .toString('utf8')
    .split('\n')
    .filter((line) => / SEQUENCE SET /u.test(line))
  if (sequences.length === 0) return { rows: null, sequences: new Map() }
  const list = join(stored.scratch, 'sequences')
  await writeFile(list, `${sequences.join('\n')}\n`, { mode: 0o600 })
  const counted = await count([`--use-list=${list}`, stored.path], target, signal)
  return { rows: null, sequences: counted.sequences }
}

/** Reads the SQL that pg_restore makes of (a part of) an archive. */
async function count(
  args: readonly string[],
  target: LoadTarget,
  signal: AbortSignal,
): Promise<Pick<LoadReport, 'rows' | 'sequences'>> {
  const tally = new Tally()
  const splitter = new DumpSplitter()
  await runPipeline(
    [command(['--file=-', ...args], target)],
    async (output) => {
      for await (const chunk of withoutGuard(output)) {
        for (const piece of splitter.push(chunk)) if (!isGuard(piece)) tally.hear(piece)
      }
      for (const piece of splitter.end()) if (!isGuard(piece)) tally.hear(piece)
    },
    { signal },
  )
  return tally.report()
}

function command(args: readonly string[], { tools, environment }: LoadTarget): Command {
  return { program: join(tools.folder, 'pg_restore'), args, environment }
}

/** Newer ones write `\restrict` at the beginning and `\unrestrict` at the end; it is all theirs. */
async function* withoutGuard(output: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first: Buffer | null = Buffer.alloc(0)
  for await (const chunk of output) {
    if (first === null) {
      yield chunk
      continue
    }
    first = Buffer.concat([first, chunk])
    if (first.length < guardWithin) continue
    yield cutGuard(first)
    first = null
  }
  if (first !== null) yield cutGuard(first)
}

const guardWithin = 4_096

function cutGuard(beginning: Buffer): Buffer {
  const text = beginning.toString('latin1')
  return Buffer.from(text.replace(/^\\restrict \w+\n/mu, ''), 'latin1')
}

function isGuard(piece: { readonly kind: string; readonly bytes?: unknown }): boolean {
  const { kind, bytes } = piece
  return (
    kind === 'rest' &&
    Buffer.isBuffer(bytes) &&
    /\n\\unrestrict \w+\s*$/u.test(bytes.toString('latin1'))
  )
}
