import { type Manifest, Refusal } from '../../../model/index.ts'
import { readBackDump } from '../read-back-dump.ts'
import { newestTools } from '../tools.ts'
import { checkSum } from './check-sum.ts'
import type { ArchiveQuestion, CheckedArchive } from './checked-archive.ts'
import { Damage } from './damage.ts'
import { refusing } from './refusing.ts'

/** Checks an archive in a format of pg_dump's own (`custom`, `directory`), which pg_restore reads. */
export async function checkStored(
  path: string,
  question: ArchiveQuestion,
): Promise<CheckedArchive> {
  const { codec, format, manifest, signal } = question
  await refusing(path, async () => {
    if (manifest === null) await readByTool(path, question)
    else await checkSum(path, manifest, signal)
  })
  return {
    path,
    format,
    codec,
    manifest,
    openSql: () => {
      throw new TypeError(`An archive in ${format} format is no SQL.`)
    },
    blocks: [],
    withoutBlocks: null,
    reader: null,
    sqlBytes: null,
    psqlCommands: [],
    tablespaces: [],
    roleStatements: [],
    serverStatements: [],
    databasesSet: [],
    owners: [],
    extensions: extensionsOf(manifest),
    extensionComments: extensionsOf(manifest),
    ...(manifest === null ? nothingKnown : knownFrom(manifest)),
  }
}

/** plpgsql is in every database, and in no dump. */
function extensionsOf(manifest: Manifest | null): readonly string[] {
  const names = manifest?.extensions.map(({ name }) => name) ?? []
  return names.filter((name) => name !== 'plpgsql')
}

type Known = Pick<CheckedArchive, 'rolesSql' | 'warnings' | 'serverMajor' | 'roles' | 'encoding'>

/** pg_dump's own formats have no room for what is not of the database: the manifest keeps it. */
function knownFrom({ rolesSql = '', serverVersion, roles, database }: Manifest): Known {
  const serverMajor = Number.parseInt(serverVersion, 10) || null
  return { rolesSql, warnings: [], serverMajor, roles, encoding: database.encoding }
}

const nothingKnown: Known = {
  rolesSql: '',
  warnings: ['it has no manifest: nobody knows what was in the database'],
  serverMajor: null,
  roles: [],
  encoding: null,
}

/** Without a checksum all that can be done is to let pg_restore read it to the end. */
async function readByTool(
  path: string,
  { format, environment, signal }: ArchiveQuestion,
): Promise<void> {
  if (format === 'plain') return
  const binDir = environment['PG_BIN_DIR'] ?? null
  const tools = await newestTools({ environment, binDir, signal })
  try {
    await readBackDump(path, { format, whole: true }, { tools, environment, signal })
  } catch (error) {
    throw error instanceof Refusal ? new Damage(error.reason) : error
  }
}
