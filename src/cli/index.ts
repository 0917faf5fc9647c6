/**
 * Cli: the command line. It understands the flags, calls one operation, and shows its result and
 * events as the original's lines or as JSON; it contains no rules of its own. This door loads
 * only what `-h` needs; the verbs are loaded when one is called.
 */
import type { Session } from './session.ts'

export { errorDocument, logError, showError } from './error-lines.ts'
export { eventLines, problemLines } from './event-lines.ts'
export { helpText } from './help.ts'
export { jsonEvents } from './json-events.ts'
export { LastWord } from './last-word.ts'
export { LogScreen } from './log-screen.ts'
export { commandText, parseArguments, type Request } from './parse-arguments.ts'
export { logJobLine } from './service-lines.ts'
export { streamOutput } from './stream-output.ts'
export { versionText } from './version.ts'

/**
 * Does what the command line asks for and shows it.
 * @returns the exit status (design section 3).
 * @throws Refusal for what the door has to show.
 */
export async function runRequest(session: Session): Promise<number> {
  const verbs = await import('./run-request.ts')
  return verbs.runRequest(session)
}
