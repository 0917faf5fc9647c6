import { type ConfiguredDatabase, type Format, formats, parseWholeNumber } from '../model/index.ts'
import type { Settings } from './settings.ts'

/** What may differ from database to database: its own options win over the settings. */
export interface DumpSettings {
  readonly format: Format
  /** Connections at the same time, where something is done on several. */
  readonly jobs: number
}

export function dumpSettingsOf(
  { options }: Pick<ConfiguredDatabase, 'options'>,
  settings: Pick<Settings, 'format' | 'jobs'>,
): DumpSettings {
  return {
    format: formatIn(options['format'] ?? '') ?? settings.format,
    jobs: jobsIn(options['jobs'] ?? '') ?? settings.jobs,
  }
}

/** The format of a word; null when it is none. */
export function formatIn(text: string): Format | null {
  return formats.find((format) => format === text.toLowerCase()) ?? null
}

/** The number of jobs of a text; null when it is none. */
export function jobsIn(text: string): number | null {
  const jobs = parseWholeNumber(text)
  return jobs === null || jobs < 1 ? null : jobs
}
