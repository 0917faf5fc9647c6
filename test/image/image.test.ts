import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localStampOf, printBackupName } from '../../src/model/index.ts'
import { count } from '../support/counts.ts'
import { anyUid, buildImage, type Image, treeBytes } from '../support/image.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { createDatabase, environmentOf } from '../support/test-database.ts'
import { listBackups, type TemporaryFolder, temporaryFolder } from '../support/volume.ts'

/** UID of the bash original, whose volumes are taken over. */
const uidOfOriginal = 26
const minutes = 60_000
/** Building takes minutes, and only root can. */
const isSkipped = !count(false, true) || process.getuid?.() !== 0

let built: Image | undefined

describe.skipIf(isSkipped)('the image, built from docker/Dockerfile', () => {
  beforeAll(async () => {
    built = await buildImage()
  }, 20 * minutes)

  afterAll(async () => {
    await built?.[Symbol.asyncDispose]()
  }, minutes)

  test('is not large, and holds nothing that only building needs', async () => {
    const bytes = await treeBytes(image().tree)
    console.log(`The image has ${Math.round(bytes / 1e6)} MB.`)

    expect(bytes).toBeLessThan(650e6)
    const home = join(image().tree, 'opt/backup-container')
    expect((await readdir(home)).toSorted()).toStrictEqual(
      ['LICENSE', 'config', 'dist', 'docker', 'node_modules', 'package.json'].toSorted(),
    )
    const modules = ['typescript', 'vitest', 'oxlint', 'node', 'postgres-17']
    const unwanted = [
      ...modules.map((name) => join(home, 'node_modules', name)),
      ...['usr/local/lib/node_modules', 'usr/bin/gcc', 'usr/bin/npm'].map((path) =>
        join(image().tree, path),
      ),
    ]
    expect(unwanted.filter((path) => existsSync(path))).toStrictEqual([])
    expect(await readdir(join(image().tree, 'tmp'))).toStrictEqual([])
    expect(await readdir(join(image().tree, 'var/lib/apt/lists'))).toStrictEqual([])
  })

  test('says how it is run', () => {
    expect(image().config).toMatchObject({
      User: '26:0',
      WorkingDir: '/',
      StopSignal: 'SIGTERM',
      Entrypoint: ['/usr/bin/tini', '--', '/opt/backup-container/docker/entry.sh'],
      Cmd: ['/backup.sh'],
      Healthcheck: { Test: ['CMD', 'node', '/opt/backup-container/docker/healthcheck.mjs'] },
    })
    expect(image().config['Env']).toContain('BACKUP_UMASK=0007')
    expect(Object.keys(image().config['Labels'] as object)).toEqual(
      expect.arrayContaining(['org.opencontainers.image.title', 'io.openshift.tags']),
    )
  })

  test.each([
    ['run', /Permission denied/u],
    ['runReadOnly', /Read-only file system/u],
  ] as const)(
    'backs up, verifies and restores as any UID without capabilities, on a volume of the original (%s)',
    async (way, denied) => {
      await using database = await createDatabase(
        sharedPostgres(),
        undefined,
        'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000)',
      )
      await using folder = temporaryFolder()
      const { run, adopted, root } = await placeFor(folder, database.spec, way)

      const rights = await run(['sh', '-c', 'id -u; grep CapEff /proc/self/status; : >/tried'])
      const config = await run(['/backup.sh', '-c'])
      const once = await run(['backup.sh', '-1'])
      const listed = await run(['/opt/backup-container/docker/entry.sh', '-l'])
      const verified = await run(['./backup.sh', '-v', 'all', '--json'])
      await database.psql('DELETE FROM t')
      const restored = await run(['/backup.sh', '-r', database.spec, '--yes'])

      expect(rights.stdout).toMatch(new RegExp(`^${anyUid}\nCapEff:\\s+0+\n$`, 'u'))
      expect(rights.stderr).toMatch(denied)
      expect(config).toMatchObject({ status: 0 })
      expect(config.stdout).toContain(database.spec)
      expect(once).toMatchObject({ status: 0, stderr: '' })
      expect(listed.stdout).toContain(adopted)
      expect(JSON.parse(verified.stdout)).toMatchObject({ results: [{ verdict: 'verified' }] })
      expect(restored).toMatchObject({ status: 0 })
      expect(await database.psql('SELECT count(*) FROM t')).toContain('1000')
      const made = (await listBackups(root)).find((path) => path !== adopted) ?? ''
      const { uid, gid, mode } = await stat(join(root, made))
      expect([uid, gid, (mode & 0o777).toString(8)]).toStrictEqual([anyUid, 0, '660'])
    },
    5 * minutes,
  )

  test('prunes what the original has left', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using folder = temporaryFolder()
    const { run, adopted, root } = await placeFor(folder, database.spec, 'run')

    await run(['backup.sh', '-1'])
    const pruned = await run(['backup.sh', '-p', '--yes', '-f', adopted])

    expect(pruned).toMatchObject({ status: 0 })
    expect(await listBackups(root)).not.toContain(adopted)
  })
})

/** Volumes as a pod has them, one with a backup of the original: 26:0, open to its group. */
async function placeFor(folder: TemporaryFolder, spec: string, way: 'run' | 'runReadOnly') {
  const root = folder.join('backups')
  const scratch = folder.join('scratch')
  const conf = folder.join('conf')
  await chmod(folder.path, 0o755)
  for (const path of [root, scratch, conf]) await mkdir(path)
  const at = new Date('2026-05-05T01:00:00Z')
  const stamp = localStampOf(at)
  const core = spec.slice('postgres='.length).replace(/:\d+/u, '').replace('/', '-')
  const name = {
    tier: null,
    folder: stamp.date,
    core,
    stamp,
    format: 'plain',
    codec: 'gzip',
  } as const
  const adopted = printBackupName(name)
  const dated = join(root, stamp.date)
  await mkdir(dated)
  await writeFile(join(root, adopted), gzipSync('SELECT 1;\n'), { mode: 0o644 })
  for (const path of [root, dated, join(root, adopted)]) await chown(path, uidOfOriginal, 0)
  await chmod(dated, 0o777)
  for (const path of [root, scratch]) await chmod(path, 0o775)
  await writeFile(join(conf, 'backup.conf'), `${spec}\n`)
  const options = {
    env: {
      ...environmentOf(sharedPostgres().superuser),
      BACKUP_CONF: '/conf/backup.conf',
      BACKUP_UMASK: '0007',
      TZ: 'UTC',
    },
    volumes: { '/backups': root, '/var/lib/pgsql/data': scratch, '/conf': conf },
  }
  return { root, adopted, run: (command: readonly string[]) => image()[way](command, options) }
}

function image(): Image {
  if (built === undefined) throw new Error('The image is not built.')
  return built
}
