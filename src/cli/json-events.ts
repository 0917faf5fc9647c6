import {
  accountOf,
  type ConfiguredDatabase,
  type Manifest,
  type RunEvent,
  type Tell,
  type Verification,
} from '../model/index.ts'
import { showEvent } from './event-lines.ts'
import type { Log } from './json-log.ts'
import { type Level, levelOf, withoutLevel } from './level-marks.ts'
import { type Output, Screen } from './screen.ts'

/** Every event as one line of the log; its `message` is what people would have read. */
export function jsonEvents(log: Log): Tell {
  return (event) => {
    if (event.kind.endsWith('-grew') || event.kind === 'run-planned') return
    const { message, level } = textOf(event)
    log.write(level, event.kind, { ...fieldsOf(event), ...(message === '' ? {} : { message }) })
  }
}

/** What people would have read and, by where they would have read it, how bad it is. */
function textOf(event: RunEvent): { readonly message: string; readonly level: Level } {
  const out = new HeldOutput()
  const err = new HeldOutput()
  showEvent(new Screen(out, err, { color: false }), event)
  const level = err.text === '' ? 'info' : levelOf(err.text, 'warn')
  return { message: withoutLevel(`${out.text}${err.text}`.trim()), level }
}

class HeldOutput implements Output {
  readonly isTerminal = false
  readonly columns = 0
  readonly rows = 0
  text = ''

  write(text: string): void {
    this.text += text
  }
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(event: RunEvent): Fields {
  const entries: readonly [string, unknown][] = Object.entries(event)
  return Object.assign({}, ...entries.map(([name, value]) => fieldOf(name, value))) as Fields
}

/** Under the names that all events share; what is no plain value is left to the message. */
function fieldOf(name: string, value: unknown): Fields {
  const translate = translations[name as keyof typeof translations] as
    | ((value: unknown) => Fields)
    | undefined
  if (translate !== undefined) return translate(value)
  return isPlain(value) ? { [name]: value } : {}
}

const translations = {
  kind: () => ({}),
  text: () => ({}),
  database: (it: ConfiguredDatabase | null) => (it === null ? {} : { spec: it.spec.written }),
  path: (file: string | null) => ({ file }),
  partialPath: (file: string) => ({ file }),
  elapsedMs: (ms: number) => ({ durationMs: Math.round(ms) }),
  error: (error: unknown) => ({ error: accountOf(error) }),
  manifest: ({ bytes, databaseBytes }: Manifest) => ({ bytes, databaseBytes }),
  verification: ({ verdict, differences }: Verification) => ({ verdict, differences }),
} as const

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string')
  return ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Date
}
