import { Refusal } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { type ConfigurationInput, readConfiguration } from './read-configuration.ts'

const isForNotices = /^(?:NOTIFY|WEBHOOK|ENVIRONMENT|PGDUTY|PING|SMTP|EMAIL)_/u

/**
 * What a configuration with mistakes still says about notices, so that people hear of them; all
 * else has its default. null: it says that with mistakes, too.
 */
export async function readForNotices(input: ConfigurationInput): Promise<Configuration | null> {
  const { environment, readFile, engines } = input
  const variables = Object.entries(environment).filter(([name]) => isForNotices.test(name))
  try {
    return await readConfiguration({
      environment: Object.fromEntries(variables),
      readFile: async (path) => (path === 'backup.conf' ? null : await readFile(path)),
      engines,
    })
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
