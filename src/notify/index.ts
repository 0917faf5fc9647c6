/** Notify: notices to people, a file per channel. A channel that is down delays nothing. */
export { type EmailOptions, openEmail } from './email.ts'
