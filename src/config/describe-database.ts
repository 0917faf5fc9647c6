import { type ConfiguredDatabase, coreNameOf } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { findDatabase, readSpecAmong } from './find-database.ts'
import { means, parseSpec } from './spec.ts'

/**
 * The database that a spec on the command line means: a configured one, or any other one in full,
 * with the credentials that the environment has for its host.
 * @throws Refusal, exit status 2, when it is no spec or may be several of the configured ones.
 */
export async function describeDatabase(
  configuration: Configuration,
  specText: string,
): Promise<ConfiguredDatabase> {
  const wanted = readSpecAmong(configuration.databases, specText)
  if (configuration.databases.some(({ spec }) => means(wanted, spec))) {
    return findDatabase(configuration, specText)
  }
  const spec = parseSpec(specText, configuration.specDefaults)
  const credentials = await configuration.credentialsFor(spec.host)
  return { spec, core: coreNameOf(spec), credentials, options: {} }
}
