import { accountOf, Refusal } from '../model/index.ts'
import type { Screen } from './screen.ts'

/** What happened, why, what to do now; a defect shows its stack instead. On stderr, in red. */
export function showError(screen: Screen, error: unknown): void {
  if (!(error instanceof Refusal)) return showDefect(screen, error)
  for (const line of `[!!ERROR!!] - ${error.message}`.split('\n')) screen.tell(line, 'red')
  if (error.reason !== '') screen.tell(`  Why: ${error.reason}`)
  if (error.advice !== '') screen.tell(`  Now: ${error.advice}`)
}

function showDefect(screen: Screen, error: unknown): void {
  screen.tell('[!!ERROR!!] - A defect of backup-container:', 'red')
  screen.tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  screen.tell(`  Now: ${accountOf(error).advice}`)
}

/** The promised shape of any error under `--json`. */
export function errorDocument(error: unknown): unknown {
  return { error: accountOf(error) }
}
