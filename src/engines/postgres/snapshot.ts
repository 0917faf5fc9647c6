import type { PsqlSession } from './session.ts'

/** Settings of a server that would end a session which waits for its dump. */
const timeouts = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'transaction_timeout',
]

/**
 * Switches those timeouts off for this session, as pg_dump does for its own. The first one comes
 * alone: a role may have one that no question of ours would survive.
 */
export async function liftTimeouts(session: PsqlSession, deadlineMs: number): Promise<void> {
  const names = timeouts.map((name) => `'${name}'`).join(', ')
  await session.query('SET statement_timeout = 0', { deadlineMs })
  await session.query(
    `SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN (${names})`,
  )
}

/** Opens the transaction that is held until the dump is over, and exports its snapshot. */
export async function exportSnapshot(session: PsqlSession): Promise<string> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const [snapshot] = await session.query('SELECT pg_catalog.pg_export_snapshot()')
  if (snapshot === undefined) throw new TypeError('The export of the snapshot had no answer.')
  return snapshot
}
