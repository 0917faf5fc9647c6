import { accountOf, firstError, Refusal } from '../model/index.ts'
import type { Log } from './json-log.ts'
import type { Screen } from './screen.ts'

/** What happened, why, what to do now; a defect shows its stack instead. On stderr, in red. */
export function showError(screen: Screen, thrown: unknown): void {
  const error = firstError(thrown)
  if (!(error instanceof Refusal)) return showDefect(screen, error)
  for (const line of `[!!ERROR!!] - ${error.message}`.split('\n')) screen.tell(line, 'red')
  tellUnder(screen, 'Why', error.reason)
  tellUnder(screen, 'Now', error.advice)
}

/** One line for each of the text, all of them in the column that follows the label. */
function tellUnder(screen: Screen, label: string, text: string): void {
  if (text === '') return
  const margin = `  ${label}: `
  const [first = '', ...rest] = text.split('\n')
  screen.tell(margin + first)
  for (const line of rest) screen.tell(' '.repeat(margin.length) + line)
}

/** The same as one line of the log; a defect brings its stack. */
export function logError(log: Log, thrown: unknown): void {
  const error = firstError(thrown)
  const stack = error instanceof Refusal || !(error instanceof Error) ? {} : { stack: error.stack }
  const account = accountOf(error)
  log.write('error', 'failed', { error: account, ...stack, message: account.message })
}

function showDefect(screen: Screen, error: unknown): void {
  screen.tell('[!!ERROR!!] - A defect of backup-container:', 'red')
  screen.tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  tellUnder(screen, 'Now', accountOf(error).advice)
}

/** The promised shape of any error under `--json`. */
export function errorDocument(error: unknown): unknown {
  return { error: accountOf(error) }
}
