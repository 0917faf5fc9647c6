import { engineOf } from '../engines/index.ts'
import { type Backup, type ConfiguredDatabase, Refusal } from '../model/index.ts'
import { type Appliance, engineContext } from './appliance.ts'

/**
 * Where no backup of a database is known to be good (a volume that was taken over), the path of
 * the newest one that can be read whole; null where one is good, or none can be read. Pruning by
 * count alone could leave the newest file, cut short, and delete the real ones.
 */
export async function newestReadable(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backups: readonly Backup[],
): Promise<string | null> {
  if (backups.some(({ quality }) => quality === 'good')) return null
  for (const backup of backups) {
    if (backup.quality === 'bad') continue
    if (await isReadable(appliance, database, backup)) return backup.path
  }
  return null
}

async function isReadable(
  appliance: Appliance,
  database: ConfiguredDatabase,
  { path, name, manifest }: Backup,
): Promise<boolean> {
  const { codec, format } = name
  const file = { path: appliance.volume.absolute(path), codec, format, manifest }
  try {
    await engineOf(database).checkArchive(file, engineContext(appliance))
    return true
  } catch (error) {
    appliance.signal.throwIfAborted()
    if (error instanceof Refusal) return false
    throw error
  }
}
