import {
  archiveKindOf,
  type ConfiguredDatabase,
  coreNameOf,
  type DatabaseSpec,
  identityOf,
  inProgressPathOf,
  printBackupName,
} from '../model/index.ts'
import type { Conf } from './conf.ts'
import type { ConfEntry, ConfOption } from './conf-line.ts'
import { findCredentials } from './credentials.ts'
import { dumpSettingsOf } from './dump-settings.ts'
import { pickMeant } from './find-database.ts'
import { checkOptions, type Findings } from './options.ts'
import { mistake, Problems } from './problems.ts'
import type { Settings } from './settings.ts'
import {
  means,
  printSpec,
  readSpec,
  type SpecDefaults,
  type WrittenSpec,
  withDefaults,
} from './spec.ts'
import type { Variables } from './variables.ts'

/** Where all that is known so far comes from, and where mistakes and warnings go. */
export interface Sources extends Findings {
  readonly settings: Settings
  readonly variables: Variables
  readonly defaults: SpecDefaults
}

interface Found {
  readonly spec: DatabaseSpec
  /** `file:line`, or the variable that names it. */
  readonly where: string
  readonly options: readonly ConfOption[]
}

/** The databases of the file or, when it has no database line at all, the one of the environment. */
export async function configureDatabases(
  { entries, sections }: Conf,
  sources: Sources,
): Promise<readonly ConfiguredDatabase[]> {
  const found = describesDatabases(entries)
    ? databasesOf(entries, sources)
    : [databaseOfEnvironment(sources)]
  const unavailable = unavailableSpecs(entries, sources)
  const owned = sections.map(({ line, header, options }) => ({
    owner: sources.problems.collect(`${sources.path}:${line}`, () =>
      isMeantIn(unavailable, header) && !isMeantIn(specsOf(found), header)
        ? null
        : pickMeant(header, found),
    ),
    options,
  }))
  const databases: ConfiguredDatabase[] = []
  for (const database of found) {
    const sectionOptions = owned.filter(({ owner }) => owner === database)
    const options = [...database.options, ...sectionOptions.flatMap((section) => section.options)]
    databases.push(await configure({ ...database, options }, sources))
  }
  warnOfSharedCores(databases, sources)
  return databases
}

/** Lines of other engines count too: such a file is not about the environment's database (#79). */
export function describesDatabases(entries: readonly ConfEntry[]): boolean {
  return entries.some(({ kind }) => kind === 'database' || kind === 'unavailable')
}

/** In file order; a database that is named again is processed once. */
function databasesOf(
  entries: readonly ConfEntry[],
  { defaults, path, warnings }: Sources,
): readonly Found[] {
  const found = new Map<string, Found>()
  for (const entry of entries) {
    if (entry.kind !== 'database') continue
    const { line } = entry
    const where = `${path}:${line}`
    const spec = withDefaults(entry.spec, defaults)
    const first = found.get(identityOf(spec))
    const options = entry.spec.options.map(([key, value]) => ({ line, key, value }))
    if (first === undefined) found.set(identityOf(spec), { spec, where, options })
    else warnings.push(`${where}: This is the database of ${first.where} again. ${repeated}`)
  }
  return [...found.values()]
}

const repeated = 'It is backed up once, and options of this line do not count; remove the line.'

function databaseOfEnvironment({ settings, defaults }: Sources): Found {
  const {
    databaseServiceName: host,
    postgresqlPortNum: port,
    postgresqlDatabase: database,
  } = settings
  const words = { engine: null, host, port, database }
  const spec = withDefaults({ ...words, options: [], written: printSpec(words) }, defaults)
  return { spec, where: 'POSTGRESQL_DATABASE', options: [] }
}

/** Databases of engines that are not here, as far as their lines can be read: they may have sections. */
function unavailableSpecs(
  entries: readonly ConfEntry[],
  { defaults }: Sources,
): readonly DatabaseSpec[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'unavailable') return []
    const spec = new Problems().collect('', () => readSpec(entry.written))
    return spec === null ? [] : [withDefaults(spec, defaults)]
  })
}

function specsOf(found: readonly Found[]): readonly DatabaseSpec[] {
  return found.map(({ spec }) => spec)
}

function isMeantIn(specs: readonly DatabaseSpec[], header: WrittenSpec): boolean {
  return specs.some((spec) => means(header, spec))
}

async function configure(
  { spec, where, options: written }: Found,
  sources: Sources,
): Promise<ConfiguredDatabase> {
  const { settings, variables, problems } = sources
  const options = checkOptions(written, sources)
  const core = options['name'] ?? coreNameOf(spec)
  problems.collect(where, () => refuseLongCore(core, options, settings))
  return { spec, core, credentials: await findCredentials(spec.host, variables, settings), options }
}

/** What file systems allow in one name, in bytes. */
const longestFileName = 255

function refuseLongCore(
  core: string,
  options: Readonly<Record<string, string>>,
  settings: Settings,
): void {
  const { format } = dumpSettingsOf({ options }, settings)
  const encryption = isEncrypted(settings) ? 'age' : null
  const kind = archiveKindOf(format, settings.compression, encryption)
  const stamp = { date: 'YYYY-MM-DD', time: 'HH-MM-SS' }
  const path = inProgressPathOf(printBackupName({ tier: null, folder: '', core, stamp, ...kind }))
  const excess = path.length - '/'.length - longestFileName
  if (excess <= 0) return
  throw mistake(
    `The file names of its backups would be ${excess} bytes too long.`,
    `Give it a shorter name with the option "name = …" in a section of the database, or "?name=…".`,
  )
}

function isEncrypted({ encrypt, encryptionRecipients, encryptionKey }: Settings): boolean {
  return encrypt === 'all' && (encryptionRecipients ?? encryptionKey) !== null
}

function warnOfSharedCores(databases: readonly ConfiguredDatabase[], { warnings }: Sources): void {
  for (const [core, sharers] of Map.groupBy(databases, (database) => database.core)) {
    if (sharers.length === 1) continue
    const list = sharers.map(({ spec }) => spec.written).join(' and ')
    warnings.push(
      `${list} share the name ${core} in file names. Backups without a manifest then belong to none of them; give one the option "name = …".`,
    )
  }
}
