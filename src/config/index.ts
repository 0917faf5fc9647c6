/**
 * Config: the environment and `backup.conf`, read once into a frozen `Configuration`.
 *
 * Every variable is a row of `settings-table.ts`, from which the reader, `--help` and
 * `docs/configuration.md` are made; to add one, add a row. `conf-line.ts` says what a line of
 * `backup.conf` may be. This door loads no library, so that `--help` is quick: the reader, with
 * zod and ini behind it, is loaded when it is first called.
 */
import type { Configuration } from './configuration.ts'
import type { ConfigurationInput } from './read-configuration.ts'

export { adminCredentials } from './admin-credentials.ts'
export type { Configuration } from './configuration.ts'
export { describeDatabase } from './describe-database.ts'
export { dumpSettingsOf } from './dump-settings.ts'
export { emailOptionsOf } from './email-options.ts'
export { variablesInForce } from './find-conf.ts'
export { findDatabase } from './find-database.ts'
export { frequencyOf } from './frequency.ts'
export { ftpOptionsOf } from './ftp-options.ts'
export { tellSecrets } from './known-secrets.ts'
export { maskedSettings, maskedVariables, withoutUserInfo } from './masked-settings.ts'
export type { NoticeSettings } from './notice-settings.ts'
export { noticeSettingsOf } from './notice-settings.ts'
export { primaryPlaceOf } from './primary-place.ts'
export type { ConfigurationInput } from './read-configuration.ts'
export { resticSettingsOf } from './restic-options.ts'
export type { S3Settings } from './s3-settings.ts'
export { s3SettingsOf } from './s3-settings.ts'
export type { Settings } from './settings.ts'
export { settingsMarkdown } from './settings-markdown.ts'
export { parseSpec } from './spec.ts'
export { terminationLog } from './termination-log.ts'
export type { Environment } from './variables.ts'
export { variablesHelp } from './variables-help.ts'

/** What a configuration with mistakes still says about notices; null: that has mistakes, too. */
export async function readForNotices(input: ConfigurationInput): Promise<Configuration | null> {
  const reader = await import('./read-for-notices.ts')
  return reader.readForNotices(input)
}

/**
 * Reads the environment and the file that it names; writes nothing.
 * @throws Refusal, exit status 2, with every mistake of both.
 */
export async function readConfiguration(input: ConfigurationInput): Promise<Configuration> {
  const reader = await import('./read-configuration.ts')
  return reader.readConfiguration(input)
}
