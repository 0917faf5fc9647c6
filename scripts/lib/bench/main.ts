/** Runs the bench and prints its report; the exit status says nothing about the targets. */
import { parseArgs } from 'node:util'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { backupSpeed } from './backup-speed.ts'
import { encryptionSpeed } from './encryption-speed.ts'
import { memoryUse } from './memory.ts'
import { objectStorageSpeed } from './object-storage-speed.ts'
import { asMarkdown, asText, machine, type Row } from './report.ts'
import { restoreMemory, restoreSpeed } from './restore-speed.ts'
import { retentionSpeed } from './retention-speed.ts'
import { tell } from './rounds.ts'
import { serverSettings } from './sample-database.ts'
import { startUp } from './start-up.ts'

const usage =
  'Usage: scripts/bench [--size <GB, default 1>] [--rounds <default 5>] [--memory] [--markdown]'

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    size: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    memory: { type: 'boolean', default: false },
    restore: { type: 'boolean', default: false },
    retention: { type: 'boolean', default: false },
    encryption: { type: 'boolean', default: false },
    'object-storage': { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(usage)
  process.exit(0)
}
const gigabytes = Number(options.size)
const rounds = Number(options.rounds)
if (!(gigabytes > 0) || !(rounds >= 1))
  throw new Error(`--size and --rounds take a number. ${usage}`)

// Exiting, and not just dying, stops the server and removes what it holds.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

if (options.retention) {
  const rows = await retentionSpeed(rounds)
  console.log(options.markdown ? asMarkdown(rows) : asText(rows))
  console.log(`\n${machine()}`)
  process.exit(0)
}

await using server = await startPostgres({ settings: serverSettings })
tell(`A database of ${gigabytes} GB, ${rounds} rounds`)
const rows = await measured()

console.log(options.markdown ? asMarkdown(rows) : asText(rows))
console.log(`\n${machine()}`)

async function measured(): Promise<Row[]> {
  if (options.encryption) return await encryptionSpeed(server, { gigabytes, rounds })
  if (options['object-storage']) return await objectStorageSpeed(server, { gigabytes, rounds })
  return options.restore ? await restores() : await backups()
}

async function backups(): Promise<Row[]> {
  const speed = await backupSpeed(server, { gigabytes, rounds })
  tell('Start-up and listing')
  const waiting = await startUp(server)
  tell('Memory')
  return [...speed, ...waiting, ...(await memoryUse(server, options.memory ? [0.1, 2] : [0.1]))]
}

async function restores(): Promise<Row[]> {
  const speed = await restoreSpeed(server, { gigabytes, rounds })
  tell('Memory')
  return [...speed, ...(await restoreMemory(server, [gigabytes, 2 * gigabytes]))]
}
