import { Refusal } from '../../../model/index.ts'
import type { CheckedArchive } from '../archive/index.ts'
import { DumpSplitter } from './split/dump-splitter.ts'

/** Where the rows of a table begin and end has to be known for them to be left out after an error. */
export class NotUnderstoodDump extends Refusal {
  constructor(line: number | null) {
    const where = line === null ? '' : ` from line ${line} on`
    super('The dump cannot be loaded past its errors.', {
      reason: `It is not understood${where}, so that after an error its rows could be taken for SQL and run.`,
      advice: 'Load it without -I, or look at it and load it with psql by hand.',
    })
  }
}

/**
 * Reads a plain archive once more, because nobody wants to hear of that in the middle of a load.
 * @throws {NotUnderstoodDump}
 */
export async function refuseNotUnderstood(
  archive: CheckedArchive,
  signal: AbortSignal,
): Promise<void> {
  if (archive.format !== 'plain') return
  const splitter = new DumpSplitter()
  for await (const chunk of archive.openSql(signal)) {
    for (const piece of splitter.push(chunk)) {
      if (piece.kind === 'rest') throw new NotUnderstoodDump(piece.line)
    }
  }
}
