import type { ConfiguredDatabase } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** A backup is rarely more than this times the size of the last one. */
const growth = 1.2
const mebibyte = 1024 * 1024

/** A warning, not a refusal: the estimate may be wrong, and a full disk is caught anyway. */
export async function warnOfLittleSpace(
  { volume, tell }: Appliance,
  database: ConfiguredDatabase,
  lastBytes: number | null,
): Promise<void> {
  if (lastBytes === null) return
  const { free } = (await volume.space()) ?? { free: Number.POSITIVE_INFINITY }
  const needed = lastBytes * growth
  if (free >= needed) return
  tell({
    kind: 'warning',
    database,
    text:
      `The volume may be too small for this backup: ${inMebibytes(free)} MiB are free, ` +
      `the last one took ${inMebibytes(lastBytes)} MiB. Enlarge the volume, or keep fewer backups.`,
  })
}

function inMebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(bytes < 10 * mebibyte ? 1 : 0)
}
