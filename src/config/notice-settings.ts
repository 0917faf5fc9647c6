import type { NoticeLevel, Secret } from '../model/index.ts'
import type { Problems } from './problems.ts'
import type { HttpMethod, WebhookFormat } from './setting-kinds.ts'
import type { Settings } from './settings.ts'

/** What the channels for notices are told, except e-mail; their docstrings are there. */
export interface NoticeSettings {
  readonly webhooks: readonly {
    readonly name: string
    readonly url: Secret
    readonly format: WebhookFormat
    readonly level: NoticeLevel
    readonly method: HttpMethod
    readonly headers: readonly (readonly [name: string, value: string])[]
  }[]
  readonly pager: { readonly url: Secret; readonly serviceKey: Secret } | null
  /** null: no such ping. */
  readonly pings: Readonly<Record<'start' | 'good' | 'failed', Secret | null>>
  readonly summary: boolean
  readonly timeoutMs: number
  readonly sender: { readonly friendlyName: string | null; readonly name: string | null }
}

/** Nobody waits longer for an answer, whatever is configured, in seconds. */
const longestTimeout = 3_600

/** Where notices go. What cannot be an address is left out; `warningsOfNotices` says so. */
export function noticeSettingsOf(settings: Settings): NoticeSettings {
  const { pgdutyUrl, pgdutySvcKey, pingUrl, pingStartUrl, pingFailUrl } = settings
  const hasPager = pgdutyUrl !== null && isAddress(pgdutyUrl.reveal()) && pgdutySvcKey !== null
  const orNone = (url: Secret | null): Secret | null =>
    url !== null && isAddress(url.reveal()) ? url : null
  return {
    webhooks: hooksOf(settings).flatMap((hook) => {
      const url = orNone(hook.url)
      return url === null ? [] : [{ ...hook, url }]
    }),
    pager: hasPager ? { url: pgdutyUrl, serviceKey: pgdutySvcKey } : null,
    pings: { start: orNone(pingStartUrl), good: orNone(pingUrl), failed: orNone(pingFailUrl) },
    summary: settings.notifySummary,
    timeoutMs: Math.min(settings.webhookTimeoutSeconds, longestTimeout) * 1000,
    sender: { friendlyName: settings.environmentFriendlyName, name: settings.environmentName },
  }
}

/**
 * A mistake here must not end backups, which go on without notices; the original's scripts set the
 * URL to `false` for people who gave none (D-41). Says nothing of the values, which are secrets.
 */
export function warningsOfNotices(settings: Settings): readonly string[] {
  const { pgdutyUrl, pgdutySvcKey, pingUrl, pingStartUrl, pingFailUrl } = settings
  const addresses = {
    ...Object.fromEntries(hooksOf(settings).map(({ name, url }) => [name, url])),
    PING_URL: pingUrl,
    PING_START_URL: pingStartUrl,
    PING_FAIL_URL: pingFailUrl,
  }
  const warnings = Object.entries(addresses).flatMap(([name, url]) =>
    url === null || isAddress(url.reveal()) ? [] : [noAddress(name)],
  )
  if (pgdutyUrl !== null && !isAddress(pgdutyUrl.reveal())) warnings.push(noAddress('PGDUTY_URL'))
  if ((pgdutyUrl === null) !== (pgdutySvcKey === null)) {
    const [set, missing] =
      pgdutyUrl === null ? ['PGDUTY_SVC_KEY', 'PGDUTY_URL'] : ['PGDUTY_URL', 'PGDUTY_SVC_KEY']
    warnings.push(`${set}: PagerDuty is not told of errors without ${missing}.`)
  }
  return warnings
}

function noAddress(name: string): string {
  return `${name} is no address: nothing is sent there. Write for example ${name}=https://….`
}

function isAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && ['http:', 'https:'].includes(url.protocol)
}

interface Hook {
  readonly name: string
  readonly url: Secret | null
  readonly format: WebhookFormat
  readonly level: NoticeLevel
  readonly method: HttpMethod
  readonly headers: readonly Header[]
}

/** Method and headers are those of the first: a password for one place is none for another. */
function hooksOf(settings: Settings): readonly Hook[] {
  const { notifyLevel } = settings
  const others = (['2', '3', '4', '5'] as const).map((number) => ({
    name: `WEBHOOK_URL_${number}`,
    url: settings[`webhookUrl${number}`],
    format: settings[`webhookFormat${number}`],
    level: settings[`webhookLevel${number}`] ?? notifyLevel,
    method: 'POST' as const,
    headers: [],
  }))
  const first = {
    name: 'WEBHOOK_URL',
    url: settings.webhookUrl,
    format: settings.webhookFormat,
    level: settings.webhookLevel ?? notifyLevel,
    method: settings.webhookMethod,
    headers: headersOf(settings).filter(isHeader),
  }
  return [first, ...others]
}

export type HeaderSettings = Pick<Settings, 'webhookAuthHeader' | 'webhookExtraHeaders'>

type Header = readonly [name: string, value: string]

function headersOf({ webhookAuthHeader, webhookExtraHeaders }: HeaderSettings): readonly Header[] {
  const line = webhookAuthHeader?.reveal() ?? ''
  const more = (webhookExtraHeaders?.reveal() ?? '').split(',')
  const authorization = line.trim() === '' ? [] : [splitAt(line, ':')]
  return [
    ...authorization,
    ...more.filter((pair) => pair.trim() !== '').map((pair) => splitAt(pair, '=')),
  ]
}

function splitAt(text: string, mark: string): Header {
  const at = text.indexOf(mark)
  return at === -1 ? ['', text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

/** What HTTP allows; a line end would be another header. */
function isHeader([name, value]: Header): boolean {
  return /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/u.test(name) && /^[\t\x20-\x7e\x80-\xff]+$/u.test(value)
}

function headersByVariable({
  webhookAuthHeader,
  webhookExtraHeaders,
}: HeaderSettings): readonly (readonly [keyof typeof headerForms, readonly Header[]])[] {
  return [
    ['WEBHOOK_AUTH_HEADER', headersOf({ webhookAuthHeader, webhookExtraHeaders: null })],
    ['WEBHOOK_EXTRA_HEADERS', headersOf({ webhookAuthHeader: null, webhookExtraHeaders })],
  ]
}

/** They belong to the connection (RFC 9110, section 7.6.1) or follow from the message. */
const headersOfOurs = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const headerForms = {
  WEBHOOK_AUTH_HEADER: 'It holds no header. Write Name: value, such as "Authorization: Bearer …".',
  WEBHOOK_EXTRA_HEADERS: 'Not all in it are headers. Write Name=value,Name=value.',
} as const

/**
 * Gathers what is no header, since nobody wants a request to go out without it, and what no request
 * could be made with; without their values.
 */
export function checkHeaders(settings: HeaderSettings, problems: Problems): void {
  for (const [variable, headers] of headersByVariable(settings)) {
    if (!headers.every(isHeader)) problems.add(variable, headerForms[variable])
    for (const [header] of headers) {
      if (!headersOfOurs.has(header.toLowerCase())) continue
      problems.add(variable, `The header ${header} is set by the program itself. Leave it out.`)
    }
  }
}

/** Passwords within what is kept secret as a whole, as servers may repeat them. */
export function secretsOfNotices(settings: Settings): readonly string[] {
  return headersOf(settings).flatMap(([, value]) => [value, value.replace(/^\S+\s+/u, '')])
}
