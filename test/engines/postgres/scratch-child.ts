/** Starts a scratch server below the folder that is its argument, and says what `SELECT 1` is. */
import { join } from 'node:path'
import { sessionCommand } from '../../../src/engines/postgres/commands.ts'
import { makeScratchFolder } from '../../../src/engines/postgres/scratch/scratch-folder.ts'
import { startScratchServer } from '../../../src/engines/postgres/scratch/scratch-server.ts'
import { serversHere } from '../../../src/engines/postgres/scratch/server-programs.ts'
import { PsqlSession } from '../../../src/engines/postgres/session.ts'

const { signal } = new AbortController()
const environment = { PATH: process.env['PATH'] }
const [programs] = await serversHere({
  environment,
  connectTimeoutSeconds: 3,
  lockTimeoutSeconds: 3,
  fingerprint: 'off',
  binDir: null,
  signal,
})
if (programs === undefined) throw new Error('No server here.')
await using folder = await makeScratchFolder(process.argv[2] ?? '', signal)
const options = { programs, environment, timeoutMs: 30_000, signal }
await using server = await startScratchServer(folder, options)
const target = { database: 'postgres', environment: server.environment }
await using session = new PsqlSession(sessionCommand(join(programs.folder, 'psql'), target), signal)
console.log((await session.query('SELECT 1')).join())
