import type { DatabaseFacts } from '../../model/index.ts'

/** A clause of CREATE DATABASE: `%I` is a name, `%L` a literal; null where there is no value. */
export type Clause = readonly [template: string, value: string | null]

/** What every server has. */
export const plainLocale: readonly Clause[] = [
  ['LC_COLLATE %L', 'C'],
  ['LC_CTYPE %L', 'C'],
]

export type Locale = Pick<DatabaseFacts, 'provider' | 'locale'> & {
  readonly collate: string | null
  readonly ctype: string | null
}

/** The clauses for a database that sorts as the dumped one did, on a server of this major. */
export function localeClauses(
  { collate, ctype, provider, locale }: Locale,
  major: number,
): readonly Clause[] {
  return [
    ...((collate ?? '') === '' ? [] : [['LC_COLLATE %L', collate] as const]),
    ...((ctype ?? '') === '' ? [] : [['LC_CTYPE %L', ctype] as const]),
    ...providerOf(provider, locale, major),
  ]
}

/** Providers other than the C library exist since 15, the built-in one since 17. */
function providerOf(
  provider: string | undefined,
  locale: string | null | undefined,
  major: number,
): readonly Clause[] {
  if (major < 15 || provider === undefined) return []
  if (provider === 'i') return [['LOCALE_PROVIDER icu ICU_LOCALE %L', locale ?? '']]
  if (provider === 'b' && major >= 17)
    return [['LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', locale ?? '']]
  return [['LOCALE_PROVIDER libc', null]]
}
