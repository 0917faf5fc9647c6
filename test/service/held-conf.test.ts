import { mkdir, readdir, readFile } from 'node:fs/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type Configuration, readConfiguration } from '../../src/config/index.ts'
import { HeldConf } from '../../src/service/held-conf.ts'
import { temporaryFolder } from '../support/volume.ts'

afterEach(() => vi.unstubAllEnvs())

/** Of a file `/etc/backup.conf` with this text, or of none. */
async function configurationOf(
  text: string | null,
  files: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = { BACKUP_CONF: '/etc/backup.conf' },
): Promise<Configuration> {
  return await readConfiguration({
    environment:
      text === null ? { DATABASE_SERVICE_NAME: 'db', DATABASE_NAME: 'app' } : environment,
    readFile: async (path) => (path === '/etc/backup.conf' ? text : (files[path] ?? null)),
    engines: ['postgres'],
  })
}

function namesOf({ databases }: Configuration): readonly string[] {
  return databases.map(({ spec }) => spec.database)
}

test('a job reads the text that is in force, under the name of the file', async () => {
  await using folder = temporaryFolder()
  vi.stubEnv('TMPDIR', folder.path)
  await using held = new HeldConf()
  await held.hold(await configurationOf('db/old\n'))
  const heldAs = held.variables['BACKUP_CONF_HELD_AS'] ?? ''
  const files = { [heldAs]: await readFile(heldAs, 'utf8'), '/etc/other.conf': 'db/other' }

  const edited = await configurationOf('db/new\n', files, held.variables)
  const other = { ...held.variables, BACKUP_CONF: '/etc/other.conf' }
  const ofOther = await configurationOf('db/new\n', files, other)
  const cleared = await configurationOf('db/new\n', {}, held.variables)

  expect(namesOf(edited)).toEqual(['old'])
  expect(edited.confPath).toBe('/etc/backup.conf')
  expect(namesOf(ofOther)).toEqual(['other'])
  expect(namesOf(cleared)).toEqual(['new'])
})

test('nothing is held where there is no file', async () => {
  await using folder = temporaryFolder()
  vi.stubEnv('TMPDIR', folder.path)
  await using held = new HeldConf()
  await held.hold(await configurationOf('db/old\n'))

  await held.hold(await configurationOf(null))

  expect(held.variables).toEqual({})
})

test('it is gone with the service, and what a killed one left is gone with the next', async () => {
  await using folder = temporaryFolder()
  vi.stubEnv('TMPDIR', folder.path)
  const names = ['999999999-dead00', `${process.pid}-before`, `${process.ppid}-alive0`, 'of-others']
  for (const name of names) await mkdir(folder.join(`backup-container-conf-${name}`))
  const held = new HeldConf()

  await held.hold(await configurationOf('db/app\n'))
  const during = await readdir(folder.path)
  await held[Symbol.asyncDispose]()

  expect(during).toHaveLength(3)
  expect((await readdir(folder.path)).toSorted()).toEqual([
    `backup-container-conf-${process.ppid}-alive0`,
    'backup-container-conf-of-others',
  ])
})
