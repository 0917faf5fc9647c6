import { settingsTable } from './settings-table.ts'
import type { Environment } from './variables.ts'

/** Where a run leaves its last word, even one whose configuration was refused. */
export function terminationLog(environment: Environment): string {
  const { TERMINATION_LOG: configured = '' } = environment
  return configured === '' ? settingsTable.TERMINATION_LOG.fallback : configured
}
