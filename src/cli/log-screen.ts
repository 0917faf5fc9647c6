import type { Log } from './json-log.ts'
import type { Request } from './parse-arguments.ts'
import { type Output, Screen } from './screen.ts'

/** Where a program's words go. */
export interface Outputs {
  readonly out: Output
  readonly err: Output
  /** Colours, where there is a terminal. */
  readonly color: boolean
}

/** What these say on stdout is what was asked for, and no log. */
const answers: ReadonlySet<Request['verb']> = new Set([
  'help',
  'version',
  'list',
  'config',
  'status',
  'ui',
])

/** A screen for text and, with `LOG_FORMAT=json`, the log that its lines go to. */
export class LogScreen {
  readonly screen: Screen
  /** null: lines are text. */
  readonly log: Log | null

  private constructor(screen: Screen, log: Log | null) {
    this.screen = screen
    this.log = log
  }

  /** @param request null: nobody knows yet what is asked for. */
  static async open(
    { out, err, color }: Outputs,
    logFormat: string | undefined,
    request: Request | null,
  ): Promise<LogScreen> {
    if (logFormat?.toLowerCase() !== 'json') {
      return new LogScreen(new Screen(out, err, { color }), null)
    }
    const { lineOutput, openLog } = await import('./json-log.ts')
    const log = openLog(out, err)
    const isAnswer = request === null || request.json || request.dryRun || answers.has(request.verb)
    const lines = lineOutput(log, 'warn')
    const screen = new Screen(isAnswer ? out : lineOutput(log, 'info'), lines, { color: false })
    return new LogScreen(screen, log)
  }
}
