import { Refusal } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { Problems } from './problems.ts'
import { type ConfigurationInput, readConfiguration } from './read-configuration.ts'
import { readSettings } from './read-settings.ts'
import { type Environment, Variables } from './variables.ts'

const isForNotices = /^(?:NOTIFY|WEBHOOK|ENVIRONMENT|PGDUTY|PING|SMTP|EMAIL)_/u
/** Of one channel, whose variables are right only together. */
const isForEmail = /^(?:SMTP|EMAIL)_/u

/**
 * What a configuration with mistakes still says about notices, so that people hear of them; all
 * else has its default. A variable that holds a mistake itself is as if it were not set, and there
 * is no e-mail where its variables contradict each other. null: the file itself cannot be read.
 */
export async function readForNotices(input: ConfigurationInput): Promise<Configuration | null> {
  const given = Object.entries(input.environment).filter(([name]) => isForNotices.test(name))
  let right: Environment = {}
  let email: Environment = {}
  for (const some of withTheirFiles(given)) {
    const [name = ''] = Object.keys(some)
    if (!isForEmail.test(name)) {
      if ((await readOnly(input, some)) !== null) right = { ...right, ...some }
    } else if (await isUnderstood(input, some)) email = { ...email, ...some }
  }
  return (await readOnly(input, { ...right, ...email })) ?? (await readOnly(input, right))
}

/** Each variable with its `_FILE`: both at once are a mistake, too. */
function withTheirFiles(given: readonly [string, string | undefined][]): readonly Environment[] {
  const baseOf = ([name]: (typeof given)[number]): string => name.replace(/_FILE$/u, '')
  return [...Map.groupBy(given, baseOf).values()].map((some) => Object.fromEntries(some))
}

async function isUnderstood(
  { readFile }: ConfigurationInput,
  environment: Environment,
): Promise<boolean> {
  const problems = new Problems()
  await readSettings(new Variables(environment, readFile, problems), problems)
  return !problems.hasAny
}

async function readOnly(
  { readFile, engines }: ConfigurationInput,
  environment: Environment,
): Promise<Configuration | null> {
  try {
    return await readConfiguration({
      environment,
      readFile: async (path) => (path === 'backup.conf' ? null : await readFile(path)),
      engines,
    })
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
