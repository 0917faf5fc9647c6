/**
 * Notify: what people hear of what happened. `notice-of.ts` turns events into notices, purely;
 * a channel makes one try to deliver one; `Deliveries` does so in the background, with further
 * tries, and keeps in an `Outbox` what nobody took. To add a channel, add a file with an opener of
 * a `NoticeChannel`, its line here, and its line in `operations/notices/`.
 */
export { Deliveries } from './deliveries.ts'
export { type EmailOptions, openEmail } from './email.ts'
export type { HttpClient } from './http.ts'
export { openHttpClient } from './http.ts'
export { noticeOf, problemText } from './notice-of.ts'
export { Outbox } from './outbox.ts'
export { openPager } from './pager.ts'
export { Pings } from './pings.ts'
export { proxiesIn } from './proxies.ts'
export { type RunKind, RunPlan, summaryOf } from './summary.ts'
export { openWebhook } from './webhook.ts'
