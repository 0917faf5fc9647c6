import { type Backup, type ConfiguredDatabase, Refusal, sumOnRecord } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { isReadable } from '../newest-readable.ts'
import { isAsSealed } from '../opened-archive.ts'

/**
 * A file without a manifest may have been cut since it was copied, and what a mirror has under its
 * name be the better one: only what is known to be right, or can be read whole, takes its place.
 * @param where for people: the mirror.
 * @throws {Refusal} when it must not be sent there.
 */
export async function spareBetter(
  appliance: Appliance,
  { database, backup }: { readonly database: ConfiguredDatabase; readonly backup: Backup },
  where: string,
): Promise<void> {
  if (backup.manifest !== null) return
  const isRight =
    sumOnRecord(backup) === undefined
      ? await isReadable(appliance, database, backup)
      : await isAsSealed(appliance, backup)
  if (isRight) return
  throw new Refusal(`${appliance.volume.label(backup.path)} was not sent to ${where}.`, {
    reason:
      'Another file has its name there, and this one cannot be read whole: it must not take the place of one that is perhaps better.',
    advice: `Look at both: backup.sh --check all, and the same with --from ${where}. Then delete the worse one.`,
  })
}
