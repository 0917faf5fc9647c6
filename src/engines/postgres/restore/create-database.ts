import type { DatabaseFacts } from '../../../model/index.ts'
import { type Clause, localeClauses, plainLocale } from '../locale.ts'
import { StatementFailure } from '../session.ts'
import type { AdminSession } from './admin-session.ts'

/** What a new database shall be like; null leaves it to the server. */
export type Character = Pick<DatabaseFacts, 'provider' | 'locale'> & {
  readonly owner: string | null
  readonly encoding: string | null
  readonly collate: string | null
  readonly ctype: string | null
  readonly tablespace: string | null
}

/**
 * Creates a database from template0, which alone may have any encoding and locale. Nobody but
 * superusers may connect to it yet.
 * @returns a warning when the server does not have the locale and another had to do.
 */
export async function createDatabase(
  session: AdminSession,
  database: string,
  { character, major }: { readonly character: Character; readonly major: number },
): Promise<string | null> {
  try {
    await create(session, database, [...localeClauses(character, major), ...common(character)])
    return null
  } catch (error) {
    if (!(error instanceof StatementFailure) || !/locale/iu.test(error.message)) throw error
    await create(session, database, [...plainLocale, ...common(character)])
    return `The server does not have the locale of the dumped database (${error.message.trim()}); it got the locale C, which sorts by bytes.`
  }
}

async function create(
  session: AdminSession,
  database: string,
  options: readonly Clause[],
): Promise<void> {
  const template = ['CREATE DATABASE %I TEMPLATE template0', ...options.map(([part]) => part)].join(
    ' ',
  )
  const values = options.map(([, value]) => value).filter((value) => value !== null)
  await session.compose(template, database, ...values)
}

function common({ owner, encoding, tablespace }: Character): readonly Clause[] {
  return [
    ['CONNECTION LIMIT 0', null],
    ...(encoding === null ? [] : [['ENCODING %L', encoding] as const]),
    ...(owner === null ? [] : [['OWNER %I', owner] as const]),
    ...(tablespace === null ? [] : [['TABLESPACE %I', tablespace] as const]),
  ]
}
