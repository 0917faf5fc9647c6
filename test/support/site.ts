import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunDocument } from '../../src/model/index.ts'
import {
  type ApplianceOptions,
  type Ended,
  type RunningAppliance,
  runAppliance,
  startAppliance,
} from './appliance.ts'
import { sharedPostgres } from './shared-postgres.ts'
import { environmentOf } from './test-database.ts'
import { listBackups, listFiles, type TemporaryFolder, temporaryFolder } from './volume.ts'

/** A place where the appliance is installed: its `backup.conf`, its volume, its environment. */
export interface Site extends AsyncDisposable {
  readonly folder: TemporaryFolder
  /** Root of the backups. */
  readonly root: string
  run(args: readonly string[], options?: ApplianceOptions): Promise<Ended>
  start(args: readonly string[], options?: ApplianceOptions): RunningAppliance
  /** Finished backups, relative to the root. */
  backups(): Promise<readonly string[]>
  /** Everything on the volume but our own records. */
  files(): Promise<readonly string[]>
  /** Oldest first. */
  runs(): Promise<readonly RunDocument[]>
}

/** A site with these lines in `backup.conf`; credentials are those of the shared server. */
export async function site(
  lines: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  root?: string,
): Promise<Site> {
  const folder = temporaryFolder()
  const volume = root ?? folder.join('backups')
  // Scratch servers of root run as somebody else, who must get through to a folder in here.
  await chmod(folder.path, 0o711)
  await writeFile(folder.join('backup.conf'), `${lines.join('\n')}\n`)
  const withSite = (options: ApplianceOptions = {}): ApplianceOptions => ({
    cwd: folder.path,
    ...options,
    env: {
      ...environmentOf(sharedPostgres().superuser),
      BACKUP_DIR: volume,
      ...env,
      ...options.env,
    },
  })
  return {
    folder,
    root: volume,
    run: (args, options) => runAppliance(args, withSite(options)),
    start: (args, options) => startAppliance(args, withSite(options)),
    backups: () => unlessMissing(listBackups(volume)),
    files: () => unlessMissing(listFiles(volume, { catalog: false })),
    runs: () => readRuns(volume),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

async function unlessMissing(list: Promise<readonly string[]>): Promise<readonly string[]> {
  return list.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

async function readRuns(root: string): Promise<readonly RunDocument[]> {
  const folder = join(root, '.catalog/runs')
  // A killed run leaves the half of a document under a hidden name.
  const files = (await readdir(folder, { recursive: true })).filter(
    (name) => name.endsWith('.json') && !basename(name).startsWith('.'),
  )
  const texts = files.toSorted().map((name) => readFile(join(folder, name), 'utf8'))
  return (await Promise.all(texts)).map((text) => JSON.parse(text) as RunDocument)
}
