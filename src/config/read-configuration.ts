import { type EngineName, Secret } from '../model/index.ts'
import { type Conf, readConf } from './conf.ts'
import type { Configuration, SkippedLine } from './configuration.ts'
import { configureDatabases, describesDatabases } from './configure-databases.ts'
import { findCredentials } from './credentials.ts'
import { checkAuthorities, checkedEmail } from './email-options.ts'
import { encryptionIn } from './encryption.ts'
import { findConf } from './find-conf.ts'
import { ftpOptionsOf, ftpWarnings } from './ftp-options.ts'
import { warningsOfMisspelled } from './misspelled.ts'
import { checkHeaders, type HeaderSettings, warningsOfNotices } from './notice-settings.ts'
import { checkPrimaryPlace, warningsOfPrimaryPlace } from './primary-place.ts'
import { Problems } from './problems.ts'
import { readSettings } from './read-settings.ts'
import { checkRestic } from './restic-options.ts'
import { mirrorRetention, policiesOf, warningsOfKeep } from './retention.ts'
import { checkS3, warningsOfS3 } from './s3-settings.ts'
import { scheduleIn } from './schedule.ts'
import type { Settings } from './settings.ts'
import { type Environment, type ReadFile, Variables } from './variables.ts'

/** All that the configuration is read from. */
export interface ConfigurationInput {
  readonly environment: Environment
  readonly readFile: ReadFile
  /** Engines that are here; the first is what a line without a type means. */
  readonly engines: readonly EngineName[]
}

/**
 * Reads the environment and `backup.conf`, and writes nothing.
 * @throws Refusal, exit status 2, with every mistake of both.
 */
export async function readConfiguration(input: ConfigurationInput): Promise<Configuration> {
  const { environment, readFile, engines } = input
  const problems = new Problems()
  const variables = new Variables(environment, readFile, problems)
  const right = await readSettings(variables, problems)
  const settings = right ?? (await defaultsFor(readFile))
  const file = await findConf({ variables, readFile, problems })
  const path = file.confPath ?? settings.backupConf
  const conf = readConf(file.confText?.reveal() ?? '', { path, engines, problems })
  const specDefaults = { engine: engines[0] ?? 'postgres', port: settings.postgresqlPortNum }
  const skipped = skippedLines(conf)
  const warnings = [...warningsOfNotices(settings), ...warningsOf(skipped, conf, path)]
  const sources = { settings, variables, defaults: specDefaults, path, problems, warnings }
  const databases = await configureDatabases(conf, sources)
  warnings.push(...warningsOfKeep(settings, databases), ...warningsOfMisspelled(variables.names()))
  warnings.push(...warningsOfS3(settings), ...warningsOfPrimaryPlace(settings))
  checkHeaders(right ?? (await headersIn(variables)), problems)
  checkS3(settings, problems)
  checkPrimaryPlace(settings, problems)
  warnings.push(...(problems.collect('FTP_URL', () => checkedFtp(settings)) ?? []))
  warnings.push(...checkedEmail(settings, problems))
  await checkAuthorities(settings, { readFile, problems })
  checkRestic(settings, variables, problems)
  const ofMirrors = mirrorRetention(variables, problems)
  const encryption = await encryptionIn(settings, variables, problems)
  problems.refuseIfAny()
  return Object.freeze({
    settings,
    encryption,
    databases,
    databasesFrom: describesDatabases(conf.entries) ? 'file' : 'environment',
    skipped,
    ...scheduleIn(conf, settings),
    warnings,
    ...file,
    specDefaults,
    policyOf: policiesOf(settings, (variable) => variables.isSet(variable), ofMirrors),
    credentialsFor: credentialsReader({ variables, settings, problems }),
  })
}

/** The warnings about copies by FTP. @throws {Refusal} when they cannot work as configured. */
function checkedFtp(settings: Settings): readonly string[] {
  ftpOptionsOf(settings)
  return ftpWarnings(settings)
}

interface Finding {
  readonly variables: Variables
  readonly settings: Settings
  readonly problems: Problems
}

function credentialsReader(finding: Finding): Configuration['credentialsFor'] {
  const { variables, settings, problems } = finding
  return async (host) => {
    const credentials = await findCredentials(host, variables, settings)
    problems.refuseIfAny()
    return credentials
  }
}

/** For mistakes in them beside others. */
async function headersIn(variables: Variables): Promise<HeaderSettings> {
  const secretOf = async (name: string): Promise<Secret | null> => {
    const value = await variables.valueOrFileOf(name)
    return value === null ? null : new Secret(value)
  }
  return {
    webhookAuthHeader: await secretOf('WEBHOOK_AUTH_HEADER'),
    webhookExtraHeaders: await secretOf('WEBHOOK_EXTRA_HEADERS'),
  }
}

/** Stands in for settings that could not be read, so that the file's mistakes are found too. */
async function defaultsFor(readFile: ReadFile): Promise<Settings> {
  const problems = new Problems()
  const settings = await readSettings(new Variables({}, readFile, problems), problems)
  if (settings === null) throw new TypeError('A default of the settings table is refused.')
  return settings
}

function skippedLines({ entries }: Conf): readonly SkippedLine[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'unavailable') return []
    const { written, line, engine } = entry
    return [{ written, line, reason: `${engine} is not available in this container.` }]
  })
}

function warningsOf(skipped: readonly SkippedLine[], { entries }: Conf, path: string): string[] {
  const warnings = skipped.map(({ line, reason }) => `${path}:${line}: Skipped, ${reason}`)
  const isUseless = skipped.length > 0 && entries.every(({ kind }) => kind !== 'database')
  return isUseless ? [...warnings, `${path}: ${nothingToDo}`] : warnings
}

const nothingToDo =
  'None of its databases can be backed up by this container; nothing will be backed up.'
