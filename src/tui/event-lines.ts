import {
  accountOf,
  chooseAnotherBackup,
  elapsedText,
  minuteText,
  prettySize,
  Refusal,
  type RunEvent,
} from '../model/index.ts'
import { type Line, line } from './line.ts'

type Of<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>
type Showing = { readonly [Kind in RunEvent['kind']]: (event: Of<Kind>) => readonly Line[] }

/** A new kind of event does not compile until it has its line here. */
const showing: Showing = {
  warning: warningLines,
  remark: ({ text }) => [line(text)],
  'run-planned': nothing,
  anomaly: warningLines,
  'backup-skipped': ({ database, frequency, dueFrom }) => {
    const when = dueFrom === null ? 'never due' : `due from ${minuteText(dueFrom)} on`
    return [line(`Skipping ${database.spec.written}: ${frequency.written}, ${when}.`, 'warn')]
  },
  'backup-started': ({ database }) => [line(`Backing up ${database.spec.written} ...`)],
  'backup-grew': nothing,
  'backup-succeeded': ({ path, manifest, elapsedMs }) => [
    line(`Backed up to ${path}: ${prettySize(manifest.bytes)}, ${elapsedText(elapsedMs)}.`, 'good'),
  ],
  'backup-failed': ({ database, error }) => [
    line(`Failed to back up ${database.spec.written}.`, 'bad'),
    ...errorLines(error),
  ],
  pruned: ({ removed }) => removed.map((path) => line(`Pruned ${path}`)),
  'prune-failed': ({ error }) => errorLines(error),
  fetching: ({ store, path, bytes }) => [
    line(`Bringing ${path} from ${store} (${prettySize(bytes)}) ...`),
  ],
  'mirror-grew': nothing,
  'records-grew': nothing,
  mirrored: ({ store, path, bytes, elapsedMs }) => [
    line(`Copied ${path} to ${store}: ${prettySize(bytes)}, ${elapsedText(elapsedMs)}.`, 'good'),
  ],
  'mirror-failed': ({ store, path, error }) => [
    line(
      path === null ? `The mirror ${store} has a problem.` : `${path} is not in ${store}.`,
      'bad',
    ),
    ...errorLines(error),
  ],
  'mirror-repaired': ({ store, path }) => [
    line(`${path} had lost bytes, and was written anew from ${store}.`, 'warn'),
  ],
  'mirror-pruned': ({ store, removed }) => removed.map((path) => line(`Pruned ${store}:${path}`)),
  'copy-given-up': ({ stores, path }) => [
    line(`${path} was pruned, and ${stores.join(', ')} never got it.`, 'bad'),
  ],
  'verification-started': ({ path }) => [line(`Restoring ${path} into a scratch server ...`)],
  'verification-grew': nothing,
  'verification-ended': ({ database, verification, newestBad, elapsedMs }) => {
    const { verdict, differences } = verification
    const isGood = verdict.startsWith('verified')
    const text = `${database.spec.written}: ${verdict.replaceAll('-', ' ')}, ${elapsedText(elapsedMs)}.`
    return [
      line(text, isGood ? 'good' : 'bad'),
      ...differences.map((each) => line(`  ${each}`)),
      ...(newestBad === null ? [] : [line(newestBad, 'bad')]),
    ]
  },
  'restore-started': ({ path }) => [line(`Checking and loading ${path} ...`)],
  'restore-grew': nothing,
  'restore-succeeded': ({ database, missing, elapsedMs }) => {
    const how = missing.length === 0 ? '' : ' with losses'
    const text = `Restored ${database.spec.written}${how}, ${elapsedText(elapsedMs)}.`
    return [line(text, missing.length === 0 ? 'good' : 'bad')]
  },
  'restore-failed': ({ database }) => [line(`Failed to restore ${database.spec.written}.`, 'bad')],
  // What the service says is said by the service.
  'job-started': nothing,
  'job-ended': nothing,
  'job-skipped': nothing,
  'start-missed': nothing,
  'service-sleeps': nothing,
  'configuration-applied': nothing,
  'configuration-refused': nothing,
  'pages-refused': nothing,
  'service-stopping': nothing,
}

export function linesOf<Kind extends RunEvent['kind']>(event: Of<Kind>): readonly Line[] {
  const show = showing[event.kind] as (event: Of<Kind>) => readonly Line[]
  return show(event)
}

/** Advice that names flags, as it is here. */
const inKeys: ReadonlyMap<string, string> = new Map([
  [chooseAnotherBackup, 'Choose another backup: Esc leads back to those that there are.'],
])

/** What happened, why, what to do now. A defect brings its stack. */
export function errorLines(error: unknown): readonly Line[] {
  const { message, reason, advice } = accountOf(error)
  const isDefect = !(error instanceof Refusal) && error instanceof Error
  const all = [
    ...textLines(message, 'bad'),
    ...textLines(reason === '' ? '' : `Why: ${reason}`),
    ...textLines(isDefect ? (error.stack ?? '') : ''),
    ...textLines(advice === '' ? '' : `Now: ${inKeys.get(advice) ?? advice}`, 'strong'),
  ]
  return all
}

function textLines(text: string, tone: Line['tone'] = 'plain'): readonly Line[] {
  return text === '' ? [] : text.split('\n').map((each) => line(each, tone))
}

function warningLines({ database, text }: Of<'warning' | 'anomaly'>): readonly Line[] {
  return [line(database === null ? text : `${database.spec.written}: ${text}`, 'warn')]
}

function nothing(): readonly Line[] {
  return []
}
