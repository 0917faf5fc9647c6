import { engineOf } from '../engines/index.ts'
import { type Backup, type ConfiguredDatabase, Refusal } from '../model/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import { openArchive } from './opened-archive.ts'

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

/** One that is encrypted to somebody else may well be readable, but not by us: nobody can tell. */
export async function isReadable(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backup: Backup,
): Promise<boolean> {
  try {
    const { scratch } = appliance.volume
    await using _brought = (await appliance.fetch?.(backup, appliance)) ?? null
    await using opened = await openArchive(appliance, backup, scratch)
    if (opened.kind !== 'open') return false
    await engineOf(database).checkArchive(opened.file, engineContext(appliance))
    return true
  } catch (error) {
    appliance.signal.throwIfAborted()
    if (error instanceof Refusal) return false
    throw error
  }
}
