import { Box } from 'ink'
import type { ReactNode } from 'react'
import { ageText } from '../model/index.ts'
import { commandRows } from './command-line.ts'
import { folded } from './fold.ts'
import { bodyRows, fitting } from './layout.ts'
import { type Line, line } from './line.ts'
import { isList, keysIn } from './lists.ts'
import { placeOf, type State } from './state.ts'
import { needsLock, type Task } from './task.ts'
import { flagsOf, statementOf, titleOf, wordOf } from './task-words.ts'
import { Lines, Tinted } from './tinted.tsx'
import { cursor } from './words.ts'

/** What will happen, the same on the command line, and the question. */
export function ConsentView({
  state,
  task,
  typed,
}: {
  readonly state: State
  readonly task: Task
  readonly typed: string
}): ReactNode {
  const word = wordOf(task)
  const question =
    word === null
      ? 'Enter does it, Esc leaves it.'
      : `Type ${word} and Enter to do it; Esc leaves it.`
  const { columns } = state.size
  const above = folded(
    [
      line(titleOf(task), 'strong'),
      line(),
      ...statementOf(task).map((text) => line(text)),
      ...lockLines(state, task),
      line(),
      line('The same on the command line:', 'dim'),
      ...commandRows(flagsOf(task), columns).map((row) => line(row)),
      line(),
    ],
    columns,
  )
  const below = folded(
    [
      line(question, task.kind === 'restore' || task.kind === 'prune' ? 'warn' : 'strong'),
      ...(word === null ? [] : [line(`${typed}${cursor}`, 'strong')]),
    ],
    columns,
  )
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Lines
        lines={[...fitting(above, bodyRows(state) - below.length), ...below]}
        wrap="truncate-end"
      />
    </Box>
  )
}

function lockLines({ world, now }: State, task: Task): readonly Line[] {
  const lock = world.observation?.lock ?? null
  if (lock === null || !needsLock(task)) return []
  const seconds = lock.since === null ? 0 : (now.getTime() - Date.parse(lock.since)) / 1000
  const who = `${lock.what ?? 'a run that left no name'}, for ${ageText(Math.max(0, seconds))}`
  return [
    line(),
    line(`The lock of the volume is held by ${who}.`, 'warn'),
    line('Until that run ends, this is refused, unless LOCK_WAIT is set.', 'warn'),
  ]
}

/** The line above the keys: a question, what was just done, or what goes on. */
export function NoticeLine({ state }: { readonly state: State }): ReactNode {
  return (
    <Box height={1} flexShrink={0}>
      <Tinted {...noticeOf(state)} />
    </Box>
  )
}

function noticeOf(state: State): Line {
  const { dialog, notice } = state
  const place = placeOf(state)
  const filter = 'filter' in place ? place.filter : ''
  if (dialog !== null && dialog.kind !== 'consent') return questionOf(state, dialog.kind, filter)
  if (notice !== null) return notice
  if (filter !== '') return line(`Filter: ${filter}, ${matchText(state)} (Esc shows all)`, 'warn')
  return place.kind === 'operation' ? line() : operationLine(state)
}

/** `0 of 12 match`; nothing where there is no list. */
function matchText(state: State): string {
  const place = placeOf(state)
  if (!isList(place)) return ''
  const all = keysIn(state, { ...place, filter: '' }).length
  return `${keysIn(state, place).length} of ${all} match`
}

function questionOf(state: State, kind: 'leave' | 'cancel' | 'filter', filter: string): Line {
  const { operation } = state
  if (kind === 'filter') return line(`/${filter}${cursor}  ${matchText(state)}`, 'strong')
  if (operation?.isCancelled === true) return line('Ending what goes on, then leaving ...', 'warn')
  return kind === 'leave'
    ? line('Something is still running. y cancels it and leaves; any other key stays.', 'warn')
    : line('y cancels it cleanly: nothing half-done stays. Any other key lets it go on.', 'warn')
}

/** What goes on elsewhere, or has ended since one left it. */
function operationLine({ operation }: State): Line {
  if (operation === null || operation.isSeen) return line()
  const { outcome, task } = operation
  const title = `${titleOf(task)} (5 shows it)`
  if (outcome === null) return line(`Running: ${title}`, 'busy')
  return outcome.ok ? line(`Done: ${title}`, 'good') : line(`Failed: ${title}`, 'bad')
}
