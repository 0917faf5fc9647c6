import { elapsedText, minuteText, prettySize, type RunDocument } from '../model/index.ts'
import { type Line, line } from './line.ts'
import type { State } from './state.ts'
import { runTone } from './words.ts'

type Outcome = RunDocument['databases'][number]

/** All that is on record of one run. */
export function runText({ world }: State, id: string): readonly Line[] {
  const entry = world.journal?.find(({ run }) => run.id === id)
  if (entry === undefined) return [line('This run is not on record any more.', 'warn')]
  const { run, state } = entry
  return [
    line(`${run.verb}, ${run.trigger}: ${state}`, runTone(state)),
    line(`Started  ${minuteText(new Date(run.startedAt))}${tookText(run)}`),
    line(`By       ${run.who}`),
    line(`On       ${run.host} (process ${run.pid})`),
    ...run.databases.flatMap(outcomeLines),
    ...(run.mirrors ?? []).flatMap(mirrorLines),
    ...(run.removed.length === 0 ? [] : [line(), line('Pruned:', 'strong')]),
    ...run.removed.map((path) => line(`  ${path}`)),
  ]
}

export function tookText({
  startedAt,
  endedAt,
}: Pick<RunDocument, 'startedAt' | 'endedAt'>): string {
  if (endedAt === null) return ''
  return `, ${elapsedText(Date.parse(endedAt) - Date.parse(startedAt))}`
}

function outcomeLines({ spec, state, path, bytes, error }: Outcome): readonly Line[] {
  return [
    line(),
    line(`${spec}: ${state}`, runTone(state)),
    ...(path === null ? [] : [line(`  ${path}${bytes === null ? '' : `, ${prettySize(bytes)}`}`)]),
    ...errorLines(error),
  ]
}

function mirrorLines({
  store,
  copied,
  repaired,
  removed,
  failures,
}: NonNullable<RunDocument['mirrors']>[number]): readonly Line[] {
  const figures = `${copied.length} copied, ${repaired.length} mended, ${removed.length} pruned`
  return [
    line(),
    line(`${store}: ${figures}, ${failures.length} failed`, failures.length === 0 ? 'good' : 'bad'),
    ...failures.flatMap(({ error }) => errorLines(error)),
  ]
}

function errorLines(error: Outcome['error']): readonly Line[] {
  if (error === null) return []
  const { message, reason, advice } = error
  return [
    line(`  ${message}`, 'bad'),
    ...(reason === '' ? [] : [line(`  Why: ${reason}`)]),
    ...(advice === '' ? [] : [line(`  Now: ${advice}`, 'strong')]),
  ]
}
