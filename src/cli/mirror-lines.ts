import { accountOf, type RunEvent } from '../model/index.ts'
import type { MirrorOutcome } from '../operations/index.ts'
import { showError } from './error-lines.ts'
import { duSize, elapsedText, prettySize } from './format.ts'
import type { Screen } from './screen.ts'

type Of<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>
type Kinds =
  | 'fetching'
  | 'mirrored'
  | 'mirror-failed'
  | 'mirror-repaired'
  | 'mirror-pruned'
  | 'copy-given-up'
type Showing = { readonly [Kind in Kinds]: (screen: Screen, event: Of<Kind>) => void }

/** What became of the copies in the mirrors. */
export const showingMirrors: Showing = {
  fetching: (screen, { store, path, bytes }) => {
    screen.tell(`Bringing ${path} from ${store} (${prettySize(bytes)}) ...`)
  },
  mirrored: (screen, { store, path, bytes, elapsedMs }) => {
    const figures = `${duSize(bytes)} in ${elapsedText(elapsedMs)}`
    screen.say(`Copied ${path} to ${store} (${figures}).`, 'green')
  },
  'mirror-failed': (screen, { store, path, error }) => {
    const what =
      path === null ? `The mirror ${store} has a problem.` : `${path} is not in ${store}.`
    screen.tell(`[!!ERROR!!] - ${what} The backup on the volume is not affected.`, 'red')
    showError(screen, error)
  },
  'mirror-repaired': (screen, { store, path }) => {
    screen.tell(`[WARN] - ${path} had lost bytes, and was written anew from ${store}.`, 'yellow')
  },
  'mirror-pruned': (screen, { store, removed }) => {
    screen.say(`Pruning ${store} ...`, 'yellow')
    for (const path of removed) screen.say(`removed '${store}:${path}'`)
  },
  'copy-given-up': (screen, { stores, path }) => {
    const text = `${path} was pruned, and ${stores.join(', ')} never got it: MIRROR_GRACE is over.`
    screen.tell(`[!!ERROR!!] - ${text}`, 'red')
  },
}

/** One mirror in the documents of `-1`, `-s` and `--mirror`. */
export function mirrorDocument({ failures, ...outcome }: MirrorOutcome): unknown {
  return {
    ...outcome,
    ok: failures.length === 0,
    failures: failures.map(({ path, error }) => ({ path, error: accountOf(error) })),
  }
}

export function errorsOfMirrors(outcomes: readonly MirrorOutcome[]): readonly unknown[] {
  return outcomes.flatMap(({ failures }) => failures.map(({ error }) => error))
}
