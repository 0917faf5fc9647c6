import { type Redactor, Secret } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { emailOptionsOf } from './email-options.ts'
import { ftpOptionsOf } from './ftp-options.ts'
import { withoutUserInfo } from './masked-settings.ts'
import { secretsOfNotices } from './notice-settings.ts'

/**
 * Tells a redactor all that a configuration keeps secret, and the names that are meant to be seen.
 * @returns the configuration; secrets that are only found when they are asked for are told, too.
 */
export function tellSecrets(configuration: Configuration, redactor: Redactor): Configuration {
  const { settings, databases, assignments, credentialsFor } = configuration
  const secrets = Object.values(settings).filter((value) => value instanceof Secret)
  redactor.learn(...secrets, ...databases.map(({ credentials }) => credentials.password))
  redactor.learnVariables(
    Object.fromEntries(Object.entries(assignments).map(([name, it]) => [name, it.reveal()])),
  )
  redactor.learn(...secretsOfNotices(settings))
  redactor.learn(ftpOptionsOf(settings)?.password ?? null)
  redactor.learn(emailOptionsOf(settings)?.login?.password ?? null)
  redactor.learnVariables({ RESTIC_REPOSITORY: settings.resticRepository?.reveal() ?? '' })
  redactor.spare(
    ...databases.flatMap(({ spec, core }) => [spec.written, core]),
    ...databases.flatMap(({ credentials }) => credentials.user ?? []),
    ...Object.values(settings)
      .filter((value) => typeof value === 'string')
      .map(withoutUserInfo),
  )
  return {
    ...configuration,
    credentialsFor: async (host) => {
      const credentials = await credentialsFor(host)
      redactor.learn(credentials.password)
      return credentials
    },
  }
}
