import { Secret } from '../model/index.ts'
import { fieldOf, type Settings } from './settings.ts'
import { settingsTable } from './settings-table.ts'

/**
 * The settings for `-c --json`: secrets are `"***"`, what is unset is null, durations and the
 * umask are written as one would configure them.
 */
export function maskedSettings(settings: Settings): Record<string, unknown> {
  const values: Readonly<Record<string, unknown>> = settings
  return Object.fromEntries(
    Object.entries(settingsTable).map(([variable, { kind }]) => {
      const field = fieldOf(variable)
      return [field, shown(values[field], kind)]
    }),
  )
}

/** The same by variable, in the order of the documentation; unset ones are null. */
export function maskedVariables(
  settings: Settings,
): readonly { readonly variable: string; readonly value: string | null }[] {
  const masked = maskedSettings(settings)
  return Object.keys(settingsTable).map((variable) => {
    const value = masked[fieldOf(variable)]
    return { variable, value: textOf(value) }
  })
}

/** A URL without the user and password that someone may have written into it. */
export function withoutUserInfo(url: string): string {
  return url.replace(/(?<=^[a-z][a-z0-9+.-]*:\/\/)[^/@]*@/iu, '***@')
}

function shown(value: unknown, kind: string): unknown {
  if (value instanceof Secret) return String(value)
  if (kind === 'umask') return Number(value).toString(8).padStart(4, '0')
  if (typeof value === 'string') return withoutUserInfo(value)
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' && value !== null && 'written' in value ? value.written : value
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
