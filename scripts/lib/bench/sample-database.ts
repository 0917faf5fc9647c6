import { join } from 'node:path'
import { debianBinDir, type PostgresServer } from '../../../test/support/postgres-server.ts'
import { runAsServerUser } from '../../../test/support/unprivileged.ts'

/** Settings of a server that has room: what is measured is the dump, not the server's disk. */
export const serverSettings = {
  shared_buffers: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '8GB',
  autovacuum: 'off',
}

/**
 * Makes a database of about `gigabytes` GB, always with the same content: 60 % pgbench tables, and
 * a table of text that compresses, hashes that do not, jsonb and random numbers.
 */
export async function makeDatabase(
  server: PostgresServer,
  gigabytes: number,
): Promise<{ readonly name: string; readonly bytes: number }> {
  const name = `bench_${gigabytes}`.replace('.', '_')
  await server.psql('postgres', `CREATE DATABASE ${name}`)
  await pgbench(server, name, Math.max(1, Math.round(40 * gigabytes)))
  await server.psql(name, documents(Math.round(1_500_000 * gigabytes)))
  const bytes = await server.psql(
    name,
    'VACUUM ANALYZE; SELECT pg_database_size(current_database())',
  )
  return { name, bytes: Number(bytes) }
}

async function pgbench(server: PostgresServer, database: string, scale: number): Promise<void> {
  const { host, port, superuser } = server
  await runAsServerUser(
    [join(debianBinDir(), 'pgbench'), '--initialize', `--scale=${scale}`, '--quiet', database],
    {
      cwd: '/',
      environment: {
        PGHOST: host,
        PGPORT: String(port),
        PGUSER: superuser.user,
        PGPASSWORD: superuser.password,
      },
    },
  )
}

/** The seed makes random() repeat itself; everything else is computed from the row's number. */
function documents(rows: number): string {
  return `
    SET max_parallel_workers_per_gather = 0;
    SELECT setseed(0.42);
    CREATE TABLE documents AS
    SELECT
      i AS id,
      md5(i::text) AS hash,
      repeat(md5((i * 7)::text), 3) AS body,
      jsonb_build_object('id', i, 'name', md5(i::text), 'tags', jsonb_build_array('a', 'b', 'c'))
        AS details,
      random() AS weight
    FROM generate_series(1, ${rows}) AS i;
    ALTER TABLE documents ADD PRIMARY KEY (id);`
}
