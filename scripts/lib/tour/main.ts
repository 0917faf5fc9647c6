/** The demo: a server with sample data, some nights of backups, and what one can ask afterwards. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { styleText } from 'node:util'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { specOf } from '../../../test/support/test-database.ts'
import { listBackups } from '../../../test/support/volume.ts'
import { freshDemoFolder } from './demo-folder.ts'
import { explain, run, type Stage, show, showShell } from './narrator.ts'
import { makeSampleDatabases } from './sample-databases.ts'

const folder = join(import.meta.dirname, '../../../demo')
const aDay = 86_400_000
const kept = 3

// Exiting, and not just dying, stops the server and removes what it holds.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

freshDemoFolder(folder)
explain('A throw-away PostgreSQL server with three databases; one has a blank in its name')
await using server = await startPostgres()
const { names, backupRole } = await makeSampleDatabases(server)
const specs = names.map((name) => specOf(server, name))
console.log(specs.join('\n'))

explain('The configuration: a line per database, and when to back them up')
const conf = `# Databases\n${specs.join('\n')}\n\n# Every night at one\n0 1 * * * default ./backup.sh -s\n`
writeFileSync(join(folder, 'backup.conf'), conf)
console.log(`${styleText('bold', '$ cat backup.conf')}\n${conf.trimEnd()}`)

const stage: Stage = {
  folder,
  environment: {
    ...backupRole.environment,
    // Who backs up may only read; who restores must create databases.
    ADMIN_USER: server.superuser.user,
    ADMIN_PASSWORD: server.superuser.password,
    BACKUP_DIR: join(folder, 'backups/'),
    NUM_BACKUPS: String(kept),
  },
}

explain('What backup-container makes of it')
await show(stage, ['-c'])

const nights = kept - 1
explain(`Let us pretend that it has run for ${nights} nights (a faked clock, but real backups)`)
for (let night = nights; night > 0; night -= 1) {
  const at = new Date(Date.now() - night * aDay)
  at.setHours(1, 0, 0)
  await run(stage, ['-1'], { at, quiet: true })
  console.log(`${at.toLocaleString('sv')}: ${names.length} backups`)
}

explain('Now: one backup of each database')
await show(stage, ['-1'])

explain(`One more of a single database: its oldest makes room, for NUM_BACKUPS is ${kept}`)
await show(stage, ['-1', '--only', specs[0] ?? ''])

explain('Why each backup stays; with fewer to keep, which would go (a dry run deletes nothing)')
await show(stage, ['-p', '--dry-run'], { NUM_BACKUPS: '2' })

explain('Is it any good? Each newest backup is restored into a scratch server and compared')
const verification = mkdtempSync(join(tmpdir(), 'backup-container-demo-'))
// As root, the scratch server runs as another user, who must get in.
chmodSync(verification, 0o755)
process.once('exit', () => rmSync(verification, { recursive: true, force: true }))
await show(stage, ['-v', 'all', '--yes'], { VERIFICATION_DIR: verification })

explain('The worst day of the year: a table is gone')
const login = {
  PGHOST: server.host,
  PGPORT: String(server.port),
  PGUSER: server.superuser.user,
  PGPASSWORD: server.superuser.password,
}
await showShell(folder, "psql orders -c 'DROP TABLE order_lines CASCADE'", login)

explain('Restored beside the broken one, and swapped when it is whole; --yes answers the question')
await show(stage, ['-r', specs[0] ?? '', '--yes'])
await showShell(folder, "psql orders -c 'SELECT count(*) FROM order_lines' -c '\\dt'", login)

explain('How are we? A line per database, for people and for monitoring')
await show(stage, ['--status'])

explain('What is there')
await show(stage, ['-l'])
await server.stop()

const backups = await listBackups(join(folder, 'backups'))
const newest = `backups/${backups.findLast((path) => path.includes('-orders_'))}`

const place = relative(process.cwd(), folder)
console.log(`
The server is stopped. The backups are in ${place}/backups/, to look at:
  find ${place}/backups -type f
  gunzip -c ${place}/${newest} | less
  cat ${place}/backups/.catalog/manifests/*.json

Next:
  docker/backup.sh -h      every flag
  config/backup.conf       an annotated configuration to start from
  scripts/test             all checks and tests`)
