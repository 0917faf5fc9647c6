import type { Command } from '../../../platform/index.ts'
import type { CheckedArchive, RowsBlock } from '../archive/index.ts'
import { wholeTableCopy } from './lanes.ts'
import type { LoadTarget } from './load-types.ts'
import { psqlCommand } from './psql-command.ts'
import type { Guard } from './restrict.ts'
import { copiedTable } from './tally.ts'

/**
 * Cuts ranges out of its input and writes text before and behind each; the ranges come as
 * `<text> <bytes to skip> <bytes to copy>`. `dd` reads no byte too many, so each goes on where the
 * one before it stopped.
 */
const cutting = `
printf '%s' "$BEFORE"
while [ $# -gt 1 ]; do
  printf '%s' "$1"
  dd bs=1M iflag=fullblock,skip_bytes,count_bytes skip="$2" count="$3" status=progress || exit 1
  shift 3
done
printf '%s' "$1$AFTER"`

interface Setting {
  readonly archive: CheckedArchive
  readonly target: LoadTarget
  readonly guard: Guard | null
  readonly settings: string
  readonly onBytes: (bytes: number) => void
}

/** Loads the rows of some tables, in the order of the archive, by one psql that says how many. */
export function tablePipeline(blocks: readonly RowsBlock[], setting: Setting): Command[] {
  const { archive, target, guard, settings, onBytes } = setting
  if (archive.reader === null) throw new TypeError('Nothing can read this archive.')
  let behind = 0
  let last = settings
  const ranges = blocks.flatMap(({ copy, from, to }) => {
    const text = Buffer.from(copy)
    const { before, after } = wholeTableCopy({ text, line: null }, copiedTable(text))
    const range = [`${last}${before.toString()}`, String(from - behind), String(to - from)]
    behind = to
    last = after.toString()
    return range
  })
  const { environment } = archive.reader
  return [
    archive.reader,
    {
      program: 'sh',
      args: ['-c', cutting, 'cut', ...ranges, last],
      environment: {
        ...environment,
        BEFORE: guard?.before.toString() ?? '',
        AFTER: guard?.after.toString() ?? '',
      },
      onStderr: progressOf(onBytes),
    },
    psqlCommand(target, { ignoreErrors: false, quiet: false }),
  ]
}

/** `dd` says every second how much of a range it has copied, and at its end. */
function progressOf(onBytes: (bytes: number) => void): (chunk: Buffer) => void {
  let done = 0
  let current = 0
  return (chunk) => {
    for (const { groups } of chunk.toString('latin1').matchAll(copied)) {
      const bytes = Number(groups?.['bytes'])
      if (bytes < current) done += current
      current = bytes
      onBytes(done + current)
    }
  }
}

const copied = /(?<bytes>\d+) bytes? (?:\([^)]*\) )?copied/gu
