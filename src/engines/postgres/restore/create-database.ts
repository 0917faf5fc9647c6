import type { DatabaseFacts } from '../../../model/index.ts'
import { StatementFailure } from '../session.ts'
import type { AdminSession } from './admin-session.ts'

/** What a new database shall be like; null leaves it to the server. */
export type Character = Pick<DatabaseFacts, 'provider' | 'locale'> & {
  readonly owner: string | null
  readonly encoding: string | null
  readonly collate: string | null
  readonly ctype: string | null
}

/**
 * Creates a database from template0, which alone may have any encoding and locale.
 * @returns a warning when the server does not have the locale and another had to do.
 */
export async function createDatabase(
  session: AdminSession,
  database: string,
  { character, major }: { readonly character: Character; readonly major: number },
): Promise<string | null> {
  try {
    await create(session, database, [...localeOf(character, major), ...common(character)])
    return null
  } catch (error) {
    if (!(error instanceof StatementFailure) || !/locale/iu.test(error.message)) throw error
    await create(session, database, [...plainLocale, ...common(character)])
    return `The server does not have the locale of the dumped database (${error.message.trim()}); it got the locale C, which sorts by bytes.`
  }
}

type Option = readonly [template: string, value: string]

const plainLocale: readonly Option[] = [
  ['LC_COLLATE %L', 'C'],
  ['LC_CTYPE %L', 'C'],
]

async function create(
  session: AdminSession,
  database: string,
  options: readonly Option[],
): Promise<void> {
  const template = ['CREATE DATABASE %I TEMPLATE template0', ...options.map(([part]) => part)].join(
    ' ',
  )
  await session.compose(template, database, ...options.map(([, value]) => value))
}

function common({ owner, encoding }: Character): readonly Option[] {
  return [
    ...(encoding === null ? [] : [['ENCODING %L', encoding] as const]),
    ...(owner === null ? [] : [['OWNER %I', owner] as const]),
  ]
}

function localeOf(
  { collate, ctype, provider, locale }: Character,
  major: number,
): readonly Option[] {
  return [
    ...((collate ?? '') === '' ? [] : [['LC_COLLATE %L', collate ?? ''] as const]),
    ...((ctype ?? '') === '' ? [] : [['LC_CTYPE %L', ctype ?? ''] as const]),
    ...providerOf(provider, locale, major),
  ]
}

/** Providers other than the C library exist since 15, the built-in one since 17. */
function providerOf(
  provider: string | undefined,
  locale: string | null | undefined,
  major: number,
): readonly Option[] {
  if (major < 15 || provider === undefined) return []
  if (provider === 'i') return [['LOCALE_PROVIDER icu ICU_LOCALE %L', locale ?? '']]
  if (provider === 'b' && major >= 17)
    return [['LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', locale ?? '']]
  return [['LOCALE_PROVIDER %I', 'libc']]
}
