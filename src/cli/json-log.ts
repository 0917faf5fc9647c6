import { type Logger, pino } from 'pino'
import { type Level, levelOf, withoutLevel } from './level-marks.ts'
import type { Output } from './screen.ts'

/** Lines of `LOG_FORMAT=json`: one object each, with `time`, `level` and `event`. */
export interface Log {
  write(level: Level, event: string, fields: Readonly<Record<string, unknown>>): void
  /** A line that a job of the service wrote; one that is such a line already stays one. */
  jobLine(line: JobLine): void
}

export interface JobLine {
  readonly job: string
  readonly stream: 'stdout' | 'stderr'
  readonly line: string
}

/** What goes well is told on `out`, what needs a look on `err`, as text is. */
export function openLog(out: Output, err: Output): Log {
  const toOut = loggerTo(out)
  const toErr = loggerTo(err)
  return {
    write(level, event, fields) {
      const logger = level === 'info' ? toOut : toErr
      logger[level]({ event, ...fields })
    },
    jobLine({ job, stream, line }) {
      const own = ownLine(line)
      if (own !== null) return (stream === 'stdout' ? out : err).write(withJob(own, job))
      const logger = stream === 'stdout' ? toOut : toErr
      logger[stream === 'stdout' ? 'info' : 'warn']({ event: 'job-output', job, message: line })
    },
  }
}

function loggerTo(output: Output): Logger {
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (text: string) => output.write(text) },
  )
}

/** What a run of this program said as such a line; null for any other text. */
function ownLine(line: string): object | null {
  if (!line.startsWith('{')) return null
  try {
    const value = JSON.parse(line) as Readonly<Record<string, unknown>>
    const texts = [value['time'], value['level'], value['event']]
    return texts.every((text) => typeof text === 'string') ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function withJob(own: object, job: string): string {
  return `${JSON.stringify({ ...own, job })}\n`
}

/** An output whose lines become lines of the log, for what is said without being an event. */
export function lineOutput(log: Log, fallback: Level): Output {
  return {
    isTerminal: false,
    columns: 0,
    rows: 0,
    write(text) {
      for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
        log.write(levelOf(line, fallback), 'message', { message: withoutLevel(line.trimEnd()) })
      }
    },
  }
}
