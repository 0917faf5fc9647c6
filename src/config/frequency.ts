import { type ConfiguredDatabase, type Frequency, parseFrequency } from '../model/index.ts'
import type { Settings } from './settings.ts'

/** The database's own option, else `BACKUP_FREQUENCY`; null: nobody has said. */
export function frequencyOf(
  { options }: Pick<ConfiguredDatabase, 'options'>,
  settings: Pick<Settings, 'backupFrequency'>,
): Frequency | null {
  return parseFrequency(options['frequency'] ?? '') ?? settings.backupFrequency
}
