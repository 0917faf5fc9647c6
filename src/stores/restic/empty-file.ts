import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilAborted } from '../until-aborted.ts'
import type { Restic } from './tool.ts'

/** A source whose first bytes were looked for. */
export interface Peeked {
  readonly isEmpty: boolean
  /** All of its bytes, the first too; can be read once. */
  readonly all: AsyncIterable<Uint8Array>
}

/** Waits for the first byte of a source, or its end. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Peeked> {
  const chunks = untilAborted(source, signal)
  for (;;) {
    const { done, value } = await chunks.next()
    if (done === true) return { isEmpty: true, all: chunks }
    if (value.length > 0) return { isEmpty: false, all: startingWith(value, chunks) }
  }
}

async function* startingWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first
  yield* rest
}

/**
 * restic refuses an input without a byte, but not an empty file.
 * @param args of `restic backup`, without what to back up.
 * @returns what it wrote to stdout.
 */
export async function saveEmptyFile(
  restic: Restic,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backup-container-empty-'))
  try {
    const file = join(folder, 'empty')
    await writeFile(file, '')
    return await restic.run([...args, file], { signal })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
