import {
  emailOptionsOf,
  type NoticeSettings,
  noticeSettingsOf,
  type Settings,
} from '../../config/index.ts'
import { type NoticeChannel, Secret } from '../../model/index.ts'
import {
  type HttpClient,
  openEmail,
  openHttpClient,
  openPager,
  openWebhook,
} from '../../notify/index.ts'
import type { Environment } from '../../platform/index.ts'

/** Everywhere that people can be told, with what belongs to it. */
export interface Places {
  readonly channels: readonly NoticeChannel[]
  readonly settings: NoticeSettings
  readonly http: HttpClient
}

/** Opens the channels that are configured; none connects before it is used. */
export function placesOf(configured: Settings, environment: Environment): Places {
  const settings = noticeSettingsOf(configured)
  const { webhooks, pager, timeoutMs, sender } = settings
  const http = openHttpClient(proxiesOf(environment))
  const hooks = webhooks.map((hook) => openWebhook(http, { ...hook, timeoutMs, sender }))
  const pagers =
    pager === null
      ? []
      : [openPager(http, { ...pager, url: new Secret(pager.url), timeoutMs, sender })]
  const mail = emailOptionsOf(configured)
  const mails = mail === null ? [] : [openEmail(mail)]
  return { channels: [...hooks, ...pagers, ...mails], settings, http }
}

/** Lower case wins, as with curl, which takes HTTP_PROXY in lower case only. */
function proxiesOf(environment: Environment): Parameters<typeof openHttpClient>[0] {
  const { http_proxy: http = '', https_proxy: lower, no_proxy: none } = environment
  const { HTTPS_PROXY: upper = '', NO_PROXY: noneUpper = '' } = environment
  return { httpProxy: http, httpsProxy: lower ?? upper, noProxy: none ?? noneUpper }
}
