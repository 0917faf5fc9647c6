import { join } from 'node:path'
import type { DatabaseFacts } from '../../../model/index.ts'
import { sessionCommand } from '../commands.ts'
import { type Clause, localeClauses, plainLocale } from '../locale.ts'
import { PsqlSession, StatementFailure } from '../session.ts'
import type { ScratchServer } from './scratch-server.ts'

/** Where an archive goes: one database with an owner who is no superuser. */
export interface RestoreTarget {
  readonly database: string
  /** libpq's variables of the owner. */
  readonly environment: Readonly<Record<string, string>>
  /** Where the new database differs from the old one in a way that a reader should know. */
  readonly remarks: readonly string[]
}

export interface TargetQuestion {
  readonly server: ScratchServer
  /** The folder of psql. */
  readonly tools: { readonly folder: string }
  readonly signal: AbortSignal
  /** As the manifest has them; null for an archive of another tool. */
  readonly facts: DatabaseFacts | null
  readonly encoding: string | null
  /** Roles that statements of the dump name. */
  readonly roles: readonly string[]
  /** That the dump puts tables or indexes into. */
  readonly tablespaces: readonly string[]
  /** Some objects, such as event triggers, can only belong to superusers. */
  readonly superusers: boolean
  /** Of the owner. */
  readonly password: string
}

/** Not the name of the original: nothing can be taken for it. */
const databaseName = 'verification'
const owner = 'backup-container: loader'

/** A session of the superuser of the scratch server. */
export function superuserSession(
  { server, tools, signal }: Pick<TargetQuestion, 'server' | 'tools' | 'signal'>,
  database: string,
): PsqlSession {
  const target = { database, environment: server.environment }
  return new PsqlSession(sessionCommand(join(tools.folder, 'psql'), target), signal)
}

export function targetSession(question: Parameters<typeof superuserSession>[0]): PsqlSession {
  return superuserSession(question, databaseName)
}

/**
 * Makes the roles of the dump and the database anew, for an owner who is a member of all of them:
 * what the dump makes can then be given to its owners without a superuser.
 */
export async function prepareTarget(question: TargetQuestion): Promise<RestoreTarget> {
  const { password } = question
  await using session = superuserSession(question, 'postgres')
  await session.query(`DROP DATABASE IF EXISTS ${databaseName}`)
  await makeOwner(session, password)
  await makeRoles(session, question)
  await makeTablespaces(session, question)
  const remarks = await makeDatabase(session, question)
  await keepCustomSettings(session, question.facts)
  await letOwnersIn(question)
  const { environment } = question.server
  return {
    database: databaseName,
    environment: { ...environment, PGUSER: owner, PGPASSWORD: password },
    remarks,
  }
}

async function makeOwner(session: PsqlSession, password: string): Promise<void> {
  const [known] = await session.query(
    `SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = ${literal(owner)}`,
  )
  const verb = known === undefined ? 'CREATE' : 'ALTER'
  await session.query(
    `${verb} ROLE ${identifier(owner)} LOGIN NOSUPERUSER PASSWORD ${literal(password)}`,
  )
}

/** Roles that begin with pg_ are the server's own. */
async function makeRoles(
  session: PsqlSession,
  { roles, superusers }: TargetQuestion,
): Promise<void> {
  const right = superusers ? 'SUPERUSER' : 'NOSUPERUSER'
  const names = `pg_catalog.json_array_elements_text(${literal(JSON.stringify(roles))}) AS name`
  const missing = `NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)`
  const ofDump = `FROM ${names} WHERE name !~ '^pg_'`
  await session.query(
    `SELECT pg_catalog.format('CREATE ROLE %I NOLOGIN', name),
      pg_catalog.format('GRANT %I TO %I', name, ${literal(owner)}) ${ofDump} AND ${missing}`,
    { run: String.raw`\gexec` },
  )
  await session.query(`SELECT pg_catalog.format('ALTER ROLE %I ${right}', name) ${ofDump}`, {
    run: String.raw`\gexec`,
  })
}

/** Folders of the data directory: they hold the same rows, and go with it. */
async function makeTablespaces(
  session: PsqlSession,
  { tablespaces }: TargetQuestion,
): Promise<void> {
  if (tablespaces.length === 0) return
  const names = `pg_catalog.json_array_elements_text(${literal(JSON.stringify(tablespaces))}) AS name`
  await session.query('SET allow_in_place_tablespaces = on')
  await session.query(
    `SELECT pg_catalog.format('CREATE TABLESPACE %I LOCATION %L', name, ''),
      pg_catalog.format('GRANT CREATE ON TABLESPACE %I TO PUBLIC', name) FROM ${names}
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_tablespace WHERE spcname = name)`,
    { run: String.raw`\gexec` },
  )
}

async function makeDatabase(
  session: PsqlSession,
  { facts, encoding, server }: TargetQuestion,
): Promise<readonly string[]> {
  const code = facts?.encoding ?? encoding ?? 'UTF8'
  if (facts === null) {
    await session.query(createDatabase(code, plainLocale))
    return []
  }
  try {
    await session.query(createDatabase(code, localeClauses(facts, server.programs.major)))
    return []
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    await session.query(createDatabase(code, plainLocale))
    const { provider, locale, collate } = facts
    const missing = provider === 'c' || provider === undefined ? collate : (locale ?? collate)
    return [`locale ${missing} is missing on the scratch server, so C was used`]
  }
}

function createDatabase(code: string, locale: readonly Clause[]): string {
  const clauses = locale.map(([template, value]) =>
    template.replace('%L', () => literal(value ?? '')),
  )
  return `CREATE DATABASE ${databaseName} TEMPLATE template0 OWNER ${identifier(owner)}
    ENCODING ${literal(code)} ${clauses.join(' ')}`
}

/** `ALTER DATABASE … SET app.tenant = …`: functions of the database may read them while it loads. */
async function keepCustomSettings(
  session: PsqlSession,
  facts: DatabaseFacts | null,
): Promise<void> {
  for (const { role, setting } of facts?.settings ?? []) {
    const name = /^(?<name>[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+)=/u.exec(setting)?.groups?.['name']
    if (role !== null || name === undefined) continue
    const value = literal(setting.slice(name.length + 1))
    await session.query(`ALTER DATABASE ${databaseName} SET ${name} = ${value}`)
  }
}

const helperSchema = identifier('backup-container')

/**
 * Owners of tables must be able to create in their schemas, which the dump grants only at its end
 * if at all; an event trigger grants it at once. Another one lends the owner of the database the
 * rights of a superuser while CREATE EXTENSION runs, a script that comes with the server.
 */
async function letOwnersIn(question: TargetQuestion): Promise<void> {
  await using session = targetSession(question)
  const statements = [
    'DROP EXTENSION plpgsql',
    `SET ROLE ${identifier(owner)}`,
    'CREATE EXTENSION plpgsql',
    'RESET ROLE',
    `GRANT CREATE ON DATABASE ${databaseName} TO PUBLIC`,
    'GRANT CREATE ON SCHEMA public TO PUBLIC',
    `ALTER SCHEMA public OWNER TO ${identifier(owner)}`,
    `CREATE SCHEMA ${helperSchema}`,
    `CREATE FUNCTION ${helperSchema}.open_schema() ${triggerBody(`
      DECLARE made record;
      BEGIN
        FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE object_type = 'schema' LOOP
          EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %s TO PUBLIC', made.object_identity);
        END LOOP;
      END`)}`,
    `CREATE FUNCTION ${helperSchema}.lend() ${triggerBody(`BEGIN ALTER ROLE ${identifier(owner)} SUPERUSER; END`)}`,
    `CREATE FUNCTION ${helperSchema}.take_back() ${triggerBody(`BEGIN ALTER ROLE ${identifier(owner)} NOSUPERUSER; END`)}`,
    ...[
      'open_schema ddl_command_end CREATE SCHEMA',
      'lend ddl_command_start CREATE EXTENSION',
      'take_back ddl_command_end CREATE EXTENSION',
    ].map(triggerFor),
  ]
  for (const statement of statements) await session.query(statement)
}

function triggerBody(does: string): string {
  return `RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $function$ ${does} $function$`
}

function triggerFor(words: string): string {
  const [name = '', event = '', ...tag] = words.split(' ')
  return `CREATE EVENT TRIGGER ${identifier(`backup-container: ${name}`)} ON ${event}
    WHEN TAG IN (${literal(tag.join(' '))}) EXECUTE FUNCTION ${helperSchema}.${name}()`
}

/** Before anything is counted: what we put in is not part of the restored database. */
export async function removeHelpers(session: PsqlSession): Promise<void> {
  for (const name of ['open_schema', 'lend', 'take_back']) {
    await session.query(`DROP EVENT TRIGGER IF EXISTS ${identifier(`backup-container: ${name}`)}`)
  }
  await session.query(`DROP SCHEMA IF EXISTS ${helperSchema} CASCADE`)
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
