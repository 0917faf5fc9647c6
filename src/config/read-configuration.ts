import { accountOf, type EngineName, Secret } from '../model/index.ts'
import { type Conf, readConf } from './conf.ts'
import type { Configuration, SkippedLine } from './configuration.ts'
import { configureDatabases, describesDatabases } from './configure-databases.ts'
import { findCredentials } from './credentials.ts'
import { encryptionIn } from './encryption.ts'
import { warningsOfMisspelled } from './misspelled.ts'
import { Problems } from './problems.ts'
import { readSettings } from './read-settings.ts'
import { policiesOf, warningsOfKeep } from './retention.ts'
import { scheduleIn } from './schedule.ts'
import type { Row } from './setting-row.ts'
import type { Settings } from './settings.ts'
import { settingsTable } from './settings-table.ts'
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
  const settings = (await readSettings(variables, problems)) ?? (await defaultsFor(readFile))
  const file = await findConf({ variables, readFile, problems })
  const path = file.confPath ?? settings.backupConf
  const conf = readConf(file.confText?.reveal() ?? '', { path, engines, problems })
  const specDefaults = { engine: engines[0] ?? 'postgres', port: settings.postgresqlPortNum }
  const skipped = skippedLines(conf)
  const warnings = [...unansweredHopes(variables), ...warningsOf(skipped, conf, path)]
  const sources = { settings, variables, defaults: specDefaults, path, problems, warnings }
  const databases = await configureDatabases(conf, sources)
  warnings.push(...warningsOfKeep(settings, databases), ...warningsOfMisspelled(variables.names()))
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
    policyOf: policiesOf(settings, (variable) => variables.isSet(variable)),
    credentialsFor: credentialsReader({ variables, settings, problems }),
  })
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

/** Stands in for settings that could not be read, so that the file's mistakes are found too. */
async function defaultsFor(readFile: ReadFile): Promise<Settings> {
  const problems = new Problems()
  const settings = await readSettings(new Variables({}, readFile, problems), problems)
  if (settings === null) throw new TypeError('A default of the settings table is refused.')
  return settings
}

type ConfFile = Pick<Configuration, 'confPath' | 'confText'>

const noFile: ConfFile = { confPath: null, confText: null }

/** Beside the commands in the image, whatever the working directory is. */
const confOfImage = '/backup.conf'

/** The file that is set; or the default one, which may be missing. */
async function findConf({ variables, readFile, problems }: Sources): Promise<ConfFile> {
  const configured = variables.valueOf('BACKUP_CONF')
  const paths =
    configured === null ? [settingsTable.BACKUP_CONF.fallback, confOfImage] : [configured]
  for (const path of paths) {
    try {
      const text = await readFile(path)
      if (text !== null) return { confPath: path, confText: new Secret(text) }
    } catch (error) {
      problems.add(path, `It cannot be read (${accountOf(error).message}). ${unreadable}`)
      return noFile
    }
  }
  if (configured !== null) problems.add('BACKUP_CONF', `There is no file ${configured}. ${missing}`)
  return noFile
}

const unreadable = 'Make it a file that this user can read.'
const missing =
  'Create it, correct the path, or unset the variable to describe one database in the environment.'

interface Sources {
  readonly variables: Variables
  readonly readFile: ReadFile
  readonly problems: Problems
}

/** A copy or notice that someone configured and that nobody will send must not stay unsaid. */
function unansweredHopes(variables: Variables): readonly string[] {
  const rows: readonly (readonly [string, Row])[] = Object.entries(settingsTable)
  const set = rows.filter(([name, { awaits }]) => awaits !== undefined && variables.isSet(name))
  return [...Map.groupBy(set, ([, { awaits }]) => awaits)].map(
    ([awaits, members]) =>
      `${members.map(([name]) => name).join(', ')}: This version does not send ${awaits} yet.`,
  )
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
