import { expect, test } from 'vitest'
import { Refusal } from '../../src/model/index.ts'
import { type Appliance, backUpAll, pruneAll } from '../../src/operations/index.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { createDatabase, environmentOf } from '../support/test-database.ts'
import { fakeBackup, listBackups, temporaryFolder } from '../support/volume.ts'

/** Lets nobody delete these. */
function stubborn(appliance: Appliance, paths: readonly string[]): Appliance {
  const { volume } = appliance
  const remove: typeof volume.remove = async (path, signal) => {
    if (!paths.includes(path)) return await volume.remove(path, signal)
    throw new Refusal(`Removing ${path} failed: permission denied.`, { advice: 'Mend it.' })
  }
  return { ...appliance, volume: { ...volume, remove } }
}

const day = (ofMonth: number): Date => new Date(Date.UTC(2026, 0, ofMonth, 1))

test('a file that cannot be deleted ends the pruning of no other', async () => {
  await using folder = temporaryFolder()
  const paths: string[] = []
  for (const core of ['h-app', 'h-web']) {
    const manifest = { spec: `postgres=h:5432/${core.slice(2)}` }
    for (const night of [1, 2, 3, 4]) {
      paths.push(await fakeBackup(folder.path, { core, at: day(night), manifest }))
    }
  }
  const here = await applianceHere({
    root: folder.path,
    lines: ['h/app', 'h/web'],
    environment: { NUM_BACKUPS: '1' },
    clock: { now: () => day(5) },
  })
  const [first = '', second = ''] = paths
  const { databases } = here.configuration
  const newest = paths.filter((_path, at) => at % 4 === 3)

  const both = stubborn(here, [first, second])
  const error = await pruneAll(both, databases, { scheduled: false }).catch((it: unknown) => it)

  expect(error).toMatchObject({
    message: '2 backups could not be deleted.',
    reason: expect.stringMatching(new RegExp(`${second}[^]*${first}`, 'u')) as string,
    exitStatus: 1,
  })
  expect(await listBackups(folder.path)).toEqual([first, second, ...newest].toSorted())
  const [run] = await here.catalog.recentRuns({ limit: 1 })
  expect(run?.removed.toSorted()).toEqual([...paths.slice(2, 3), ...paths.slice(4, 7)].toSorted())

  await pruneAll(here, databases, { scheduled: false })
  expect(await listBackups(folder.path)).toEqual(newest.toSorted())
})

test('nor after a backup, whose result says so', async () => {
  await using database = await createDatabase(sharedPostgres())
  await using folder = temporaryFolder()
  const told: string[] = []
  const here = await applianceHere({
    root: folder.path,
    lines: [database.spec],
    environment: {
      ...environmentOf(sharedPostgres().superuser),
      PATH: process.env['PATH'],
      NUM_BACKUPS: '1',
    },
    tell: ({ kind }) => told.push(kind),
  })
  const { databases } = here.configuration
  const core = databases[0]?.core ?? ''
  const manifest = { spec: `postgres=${database.spec.replace(/^postgres=/u, '')}` }
  const old: string[] = []
  for (const night of [1, 2]) {
    old.push(await fakeBackup(folder.path, { core, at: day(night), manifest }))
  }

  const { results } = await backUpAll(stubborn(here, old.slice(1)), { databases, trigger: 'once' })

  expect(results).toMatchObject([
    {
      ok: true,
      removed: [old[0]],
      pruneError: { message: `Removing ${old[1]} failed: permission denied.` },
    },
  ])
  expect(told).toContain('prune-failed')
  const [run] = await here.catalog.recentRuns({ limit: 1 })
  expect(run?.removed).toEqual([old[0]])
})
