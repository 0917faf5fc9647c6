import type { FingerprintMode, LargeObjects } from '../../model/index.ts'
import { digestOf } from './digest.ts'
import { type PsqlSession, SessionEnded, StatementFailure } from './session.ts'

interface Measured {
  readonly largeObjects: LargeObjects | null
  readonly problem: string | null
}

const chunkBytes = 1_048_576

/**
 * What large objects hold, in the session's snapshot, which survives a failure. Their own functions
 * need no more rights than pg_dump has; only a superuser may read `pg_largeobject`.
 */
export async function measureLargeObjects(
  session: PsqlSession,
  mode: Exclude<FingerprintMode, 'off'>,
): Promise<Measured> {
  try {
    await session.query('SAVEPOINT measuring')
    const measured = await measure(session, mode)
    await session.query('ROLLBACK TO SAVEPOINT measuring')
    return measured
  } catch (error) {
    if (error instanceof SessionEnded) return unknown(error)
    throw error
  }
}

async function measure(
  session: PsqlSession,
  mode: Exclude<FingerprintMode, 'off'>,
): Promise<Measured> {
  try {
    const [largeObjects = null] = await session.rows<LargeObjects>(measuringSql(mode))
    return { largeObjects, problem: null }
  } catch (error) {
    if (error instanceof StatementFailure) return unknown(error)
    throw error
  }
}

function unknown({ message }: Error): Measured {
  return { largeObjects: null, problem: `large objects could not be read: ${message}` }
}

/**
 * Opened for reading (0x40000), sought to the end (2), which reads a page of each, and closed.
 * OFFSET keeps each step to one call per object.
 */
const sizedSql = `sized AS (
    SELECT oid, bytes + pg_catalog.lo_close(fd) AS bytes FROM (
      SELECT oid, fd, pg_catalog.lo_lseek64(fd, 0, 2) AS bytes FROM (
        SELECT oid, pg_catalog.lo_open(oid, 262144) AS fd
        FROM pg_catalog.pg_largeobject_metadata OFFSET 0) opened OFFSET 0) ended)`

/** In chunks, because a value has room for 1 GB only, and a large object for 4 TB. */
const contentSql = `(SELECT ${digestOf('line')} FROM (
    SELECT (oid::text || ':' || start || ':'
      || pg_catalog.encode(pg_catalog.lo_get(oid, start, ${chunkBytes}), 'hex')) COLLATE pg_catalog."C" AS line
    FROM sized CROSS JOIN LATERAL pg_catalog.generate_series(0::bigint, bytes - 1, ${chunkBytes}) AS start) content)`

function measuringSql(mode: Exclude<FingerprintMode, 'off'>): string {
  const digest = mode === 'content' ? `, 'digest', ${contentSql}` : ''
  return `WITH ${sizedSql}
  SELECT pg_catalog.json_build_object(
    'bytes', (SELECT COALESCE(pg_catalog.sum(bytes), 0) FROM sized)${digest})`
}
