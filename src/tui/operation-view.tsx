import { Box } from 'ink'
import type { ReactNode } from 'react'
import { ageText, elapsedText, prettySize } from '../model/index.ts'
import { type Line, line } from './line.ts'
import { type Operation, type Progress, partOf, rateOf, secondsLeft } from './operation.ts'
import { layoutOf } from './operation-layout.ts'
import type { State } from './state.ts'
import { titleOf } from './task-words.ts'
import { Lines, Tinted } from './tinted.tsx'
import { bar } from './words.ts'

/** The operation that goes on, or was the last: how far it is, and what it said. */
export function OperationView({
  state,
  top,
}: {
  readonly state: State
  /** Rows that the end of the log is scrolled away. */
  readonly top: number
}): ReactNode {
  const { operation, now } = state
  if (operation === null) return <Lines lines={[line('Nothing has been started.', 'dim')]} />
  const { command, progress, log, logRows } = layoutOf(state)
  const end = log.length - Math.min(top, Math.max(0, log.length - logRows))
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Box height={1} flexShrink={0}>
        <Tinted text={titleOf(operation.task)} tone="strong" wrap="truncate-middle" />
      </Box>
      <Box height={1} flexShrink={0}>
        <Tinted {...statusOf(operation, now)} />
      </Box>
      {command.map((row) => (
        <Box key={row} height={1} flexShrink={0}>
          <Tinted text={row} tone="dim" />
        </Box>
      ))}
      {progress.map((each) => (
        <ProgressLine key={each.name} progress={each} now={now} columns={state.size.columns} />
      ))}
      <Box height={1} flexShrink={0}>
        <Tinted text="" />
      </Box>
      <Lines lines={log.slice(Math.max(0, end - logRows), end)} tail={log.length > 0} />
    </Box>
  )
}

function statusOf({ startedAt, endedAt, isCancelled, outcome }: Operation, now: Date): Line {
  const took = elapsedText((endedAt ?? now).getTime() - startedAt.getTime())
  if (outcome?.ok === true) return line(`Succeeded after ${took}`, 'good')
  if (outcome !== null) {
    return line(`${isCancelled ? 'Cancelled' : 'Did not succeed'} after ${took}`, 'bad')
  }
  return isCancelled
    ? line(`Being cancelled: it ends in order, ${took} ...`, 'warn')
    : line(`Running for ${took}`, 'busy')
}

function ProgressLine({
  progress,
  now,
  columns,
}: {
  readonly progress: Progress
  readonly now: Date
  readonly columns: number
}): ReactNode {
  const part = partOf(progress)
  const width = columns >= 110 ? 30 : 12
  return (
    <Box height={1} flexShrink={0}>
      <Box width={width + 3} flexShrink={0}>
        <Tinted text={part === null ? '' : bar(part, width)} tone="busy" />
      </Box>
      <Box flexShrink={0} marginRight={1}>
        <Tinted text={figuresOf(progress, now)} />
      </Box>
      <Box flexGrow={1} flexBasis={0} minWidth={0}>
        <Tinted text={progress.name} wrap="truncate-middle" tone={toneOf(progress)} />
      </Box>
    </Box>
  )
}

function toneOf({ ok }: Progress): Line['tone'] {
  if (ok === null) return 'plain'
  return ok ? 'good' : 'bad'
}

/** `12 MB of about 30 MB, 4.0 MB/s, 5 s left`. */
function figuresOf(progress: Progress, now: Date): string {
  const { bytes, expectedBytes, endedAt, startedAt } = progress
  const elapsed = elapsedText((endedAt ?? now).getTime() - startedAt.getTime())
  if (bytes === 0) return endedAt === null ? `getting ready, ${elapsed}` : elapsed
  if (endedAt !== null) return `${prettySize(bytes)}, ${elapsed}`
  const rate = rateOf(progress, now)
  const left = secondsLeft(progress, now)
  return [
    `${prettySize(bytes)}${expectedBytes === null ? '' : ` of about ${prettySize(expectedBytes)}`}`,
    ...(rate === null ? [] : [`${prettySize(rate)}/s`]),
    ...(left === null ? [] : [`${ageText(left)} left`]),
  ].join(', ')
}
