import type { NoticeChannel, NoticeLevel, Secret } from '../model/index.ts'
import { bodyOf, type Sender, type WebhookFormat } from './bodies.ts'
import type { HttpClient } from './http.ts'

export interface WebhookOptions {
  /** The variable that holds the address. */
  readonly name: string
  readonly url: Secret
  readonly format: WebhookFormat
  readonly level: NoticeLevel
  readonly method: 'POST' | 'PUT' | 'PATCH'
  /** Win over ours. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly timeoutMs: number
  readonly sender: Sender
}

/** A webhook in one of three formats. */
export function openWebhook(http: HttpClient, options: WebhookOptions): NoticeChannel {
  const { name, url, format, level, method, timeoutMs, sender } = options
  const own = options.headers.map(([header, value]) => [header.toLowerCase(), value] as const)
  return {
    name,
    level,
    timeoutMs,
    async send(notice, signal) {
      const { type, text } = bodyOf(format, notice, sender)
      const headers = { 'content-type': type, ...Object.fromEntries(own) }
      await http.send({ name, url, method, headers, body: text, timeoutMs }, signal)
    },
  }
}
