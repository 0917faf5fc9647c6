import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from '../../../model/index.ts'
import { SessionEnded } from '../session.ts'
import { type AdminAccess, type AdminSession, sqlStateOf, textOf } from './admin-session.ts'
import { endSessionsSql } from './remove-database.ts'
import { openBeside } from './target.ts'

/** The three names of a swap. */
export interface Swap {
  /** What the new database shall be called. */
  readonly target: string
  readonly fresh: string
  /** What the present one is called afterwards; null when there is none. */
  readonly old: string | null
  /** The comment of the present one, which the new one gets. */
  readonly comment: string | null
  /** What the present one is marked with; null leaves its comment. */
  readonly oldComment: string | null
}

/** How often sessions that come back are ended while the renaming waits for them to be gone. */
const terminateEveryMs = 50
/** The server itself waits 5 s for sessions to go each time. */
const mostAttempts = 6

/** What a server that lives takes for the end of a transaction of a few rows. */
const longestCommitMs = 30_000

/** In use; lock or statement timed out; deadlock: worth another attempt. */
const passing: ReadonlySet<string> = new Set(['55006', '55P03', '57014', '40P01'])

/**
 * Gives the new database the name of the present one, both renames in one transaction. The first
 * rename locks the database, so new sessions wait outside; a second session ends those that are
 * inside until none is left. It is not interrupted by signals: it takes seconds, and has either
 * happened or not.
 * @throws {Refusal} when clients could not be ended; nothing has changed then.
 */
export async function swapDatabases(access: AdminAccess, swap: Swap): Promise<void> {
  const whole = new AbortController().signal
  await using renaming = await openBeside(access, swap.target, whole)
  await using ending = await openBeside(access, swap.target, whole)
  const backend = await renaming.one<number>('SELECT pg_catalog.pg_backend_pid()')
  for (let attempt = 1; ; attempt += 1) {
    try {
      await endingSessions(ending, swap, () => renameBoth(renaming, swap))
      return
    } catch (error) {
      if (error instanceof SessionEnded && (await hasSwapped(access, { ...swap, backend }))) return
      const state = sqlStateOf(error)
      if (state === null || !passing.has(state)) throw error
      const isHopeless = attempt >= mostAttempts || (await hasPrepared(ending, swap))
      if (isHopeless) throw await inUse(ending, swap, error)
    }
  }
}

async function renameBoth(
  session: AdminSession,
  { target, fresh, old, comment, oldComment }: Swap,
): Promise<void> {
  await session.run('BEGIN')
  try {
    await session.run(`SET LOCAL lock_timeout = '10s'`)
    if (comment === null) await session.compose('COMMENT ON DATABASE %I IS NULL', fresh)
    else await session.compose('COMMENT ON DATABASE %I IS %L', fresh, comment)
    if (old !== null && oldComment !== null)
      await session.compose('COMMENT ON DATABASE %I IS %L', target, oldComment)
    if (old !== null) await session.compose('ALTER DATABASE %I RENAME TO %I', target, old)
    await session.compose('ALTER DATABASE %I RENAME TO %I', fresh, target)
    await session.run('COMMIT')
  } catch (error) {
    if (!(error instanceof SessionEnded)) await session.run('ROLLBACK')
    throw error
  }
}

/** Ends sessions of both databases again and again while `work` goes on. */
async function endingSessions(
  session: AdminSession,
  { target, fresh, old }: Swap,
  work: () => Promise<void>,
): Promise<void> {
  const names = old === null ? [fresh] : [target, fresh]
  const over = new AbortController()
  const terminate = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await session.rows(endSessionsSql(names))
      await pause(terminateEveryMs)
    }
  }
  const terminating = terminate()
  try {
    await work()
  } finally {
    over.abort()
    await terminating
  }
}

/** The connection was lost around COMMIT: only the names tell whether it came through. */
async function hasSwapped(
  access: AdminAccess,
  { target, fresh, old, backend }: Swap & { readonly backend: number },
): Promise<boolean> {
  const patience = AbortSignal.timeout(longestCommitMs)
  await using session = await openBeside(access, target, patience)
  const still = `SELECT pg_catalog.to_json(pid) FROM pg_catalog.pg_stat_activity WHERE pid = ${backend}`
  // It may still be at its COMMIT.
  while ((await session.rows<number>(still)).length > 0) await pause(terminateEveryMs)
  const names = await session.rows<string>(
    `SELECT pg_catalog.to_json(datname) FROM pg_catalog.pg_database WHERE datname IN (${[target, fresh, old ?? target].map(textOf).join(', ')})`,
  )
  return names.includes(target) && !names.includes(fresh) && (old === null || names.includes(old))
}

/** Prepared transactions that outlasted an attempt belong to no session that could be ended. */
async function hasPrepared(session: AdminSession, { target }: Swap): Promise<boolean> {
  return await session.one<boolean>(`SELECT pg_catalog.to_json(EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts
    WHERE database = ${textOf(target)} AND prepared < pg_catalog.now() - interval '4 s'))`)
}

async function inUse(session: AdminSession, { target }: Swap, cause: unknown): Promise<Refusal> {
  const who =
    await session.rows<string>(`SELECT pg_catalog.to_json(pg_catalog.format('%s (%s)', COALESCE(usename, backend_type), application_name))
    FROM pg_catalog.pg_stat_activity WHERE datname = ${textOf(target)} LIMIT 5`)
  const prepared = await session.rows<string>(
    `SELECT pg_catalog.to_json(gid) FROM pg_catalog.pg_prepared_xacts WHERE database = ${textOf(target)} LIMIT 5`,
  )
  const found = [
    who.length > 0 && `sessions of ${who.join(', ')}`,
    prepared.length > 0 && `prepared transactions (${prepared.join(', ')})`,
  ].filter((part) => part !== false)
  return new Refusal(`The database ${target} could not be replaced: it stays in use.`, {
    reason: `${found.length === 0 ? 'Clients came back faster than they could be ended' : `There are ${found.join(' and ')}`}. Nothing was changed.`,
    advice: [
      prepared.length > 0 &&
        `End the prepared transactions in it (COMMIT PREPARED or ROLLBACK PREPARED).`,
      (who.length > 0 || prepared.length === 0) &&
        'Stop the application, or use an ADMIN_USER that may end its sessions.',
      'Then try again.',
    ]
      .filter((part) => part !== false)
      .join(' '),
    cause,
  })
}
