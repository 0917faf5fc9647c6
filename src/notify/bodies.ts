import type { Notice } from '../model/index.ts'

/** Who tells, as configured; null: not said. */
export interface Sender {
  /** For people. */
  readonly friendlyName: string | null
  /** The name of the project. */
  readonly name: string | null
}

export type WebhookFormat = 'form' | 'json' | 'structured'

export interface Body {
  readonly type: string
  readonly text: string
}

/** What a webhook gets for a notice. */
export function bodyOf(format: WebhookFormat, notice: Notice, sender: Sender): Body {
  return bodies[format](notice, sender)
}

const bodies: Readonly<Record<WebhookFormat, (notice: Notice, sender: Sender) => Body>> = {
  form: (notice, sender) => ({
    type: 'application/x-www-form-urlencoded',
    text: fieldsOf(notice, sender)
      .map(([name, value]) => `${name}=${urlEncoded(value)}`)
      .join('&'),
  }),
  json: (notice, sender) => ({
    type: 'application/json',
    text: JSON.stringify(Object.fromEntries(fieldsOf(notice, sender))),
  }),
  structured: (notice, sender) => ({
    type: 'application/json',
    text: JSON.stringify(documentOf(notice, sender)),
  }),
}

/** The original's four, in its order (contract 7.5). */
function fieldsOf(
  { level, message, at, isLate = false }: Notice,
  { friendlyName, name }: Sender,
): readonly (readonly [string, string])[] {
  return [
    ['projectFriendlyName', friendlyName ?? ''],
    ['projectName', name ?? ''],
    ['statusCode', level],
    ['message', isLate ? `${message}\n${latenessOf(at)}` : message],
  ]
}

/** These formats have no other place for a time. */
function latenessOf(at: Date): string {
  return `(of ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC, delivered late)`
}

/** As curl does it: all but letters, digits and `-._~`; a blank is `%20`. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/gu,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * The document of breaking-backups, with fields of ours after its own. Numbers are numbers, times
 * are UTC in whole seconds, and what does not apply is absent.
 */
function documentOf(notice: Notice, { friendlyName, name }: Sender): unknown {
  const { kind, level, at, message, figures, isLate } = notice
  const { durationMs, bytes, databaseBytes, databases, ...others } = figures
  const seconds = durationMs === undefined ? undefined : Math.round(durationMs / 1000)
  return {
    status: isFailure(notice) ? 'failed' : 'success',
    message,
    startedAt: durationMs === undefined ? undefined : instant(new Date(at.getTime() - durationMs)),
    finishedAt: instant(at),
    durationSeconds: seconds,
    ...placeOf(notice),
    dataAddedBytes: bytes,
    totalBytesProcessed: databaseBytes,
    totalDurationSeconds: seconds,
    event: kind,
    deliveredLate: isLate,
    level,
    spec: notice.spec ?? undefined,
    ...others,
    databases: databases?.map(rowOf),
    projectFriendlyName: friendlyName ?? undefined,
    projectName: name ?? undefined,
  }
}

/** What was ended before it was done did not succeed, though nobody made a mistake. */
function isFailure({ level, figures: { error, databases = [] } }: Notice): boolean {
  return level === 'ERROR' || error !== undefined || databases.some(({ ok }) => !ok)
}

/** Under the names that the document itself has. */
function rowOf({
  durationMs,
  bytes,
  ...row
}: NonNullable<Notice['figures']['databases']>[number]): unknown {
  const seconds = durationMs === undefined ? undefined : Math.round(durationMs / 1000)
  return { ...row, durationSeconds: seconds, dataAddedBytes: bytes }
}

/** `postgres=host:5432/name`: the type as it is written, else the engine; and the host. */
function placeOf({ spec, engine }: Notice): { readonly dbType?: string; readonly host?: string } {
  const pattern = /^(?:(?<type>[^=/]+)=)?(?<host>\[[^\]]*\]|[^:/]+)/u
  const { type = engine, host } = pattern.exec(spec ?? '')?.groups ?? {}
  return {
    ...(type === undefined ? {} : { dbType: type }),
    ...(host === undefined ? {} : { host }),
  }
}

function instant(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/u, 'Z')
}
