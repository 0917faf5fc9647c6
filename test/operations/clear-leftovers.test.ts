import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunDocument } from '../../src/model/index.ts'
import { clearLeftovers } from '../../src/operations/clear-leftovers.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { fakeBackup, temporaryFolder } from '../support/volume.ts'

const spec = 'postgres=h:5432/app'

test('a sealed backup that somebody else deleted is missed, once', async () => {
  await using folder = temporaryFolder()
  const told: string[] = []
  const appliance = await applianceHere({
    root: folder.path,
    lines: ['h/app'],
    tell: (event) => {
      if (event.kind === 'warning') told.push(`${event.database?.spec.written} ${event.text}`)
    },
  })
  const fake = async (ofMonth: number, verified = false): Promise<string> => {
    const at = new Date(Date.UTC(2026, 0, ofMonth, 1))
    const verdict = { verdict: 'verified', at: at.toISOString(), differences: [] } as const
    const manifest = { spec, verifications: verified ? [verdict] : [] }
    return await fakeBackup(folder.path, { core: 'h-app', at, manifest })
  }
  const [byHand, pruned, neverSealed, proved, kept] = await Promise.all([
    fake(1),
    fake(2),
    fake(3),
    fake(4, true),
    fake(5),
  ])
  const run: RunDocument = {
    version: 1,
    id: 'a',
    verb: 'back-up',
    trigger: 'user',
    who: 'x',
    host: 'y',
    pid: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:01:00.000Z',
    result: 'succeeded',
    databases: [byHand, pruned, kept].map((path) => ({
      spec,
      state: 'succeeded',
      endedAt: '2026-01-01T00:01:00.000Z',
      path,
      bytes: 1,
      error: null,
    })),
    removed: [pruned],
  }
  await appliance.catalog.saveRun(run)
  for (const path of [byHand, pruned, neverSealed, proved]) await unlink(join(folder.path, path))

  await clearLeftovers(appliance)
  await clearLeftovers(appliance)

  expect(told.toSorted()).toEqual(
    [byHand, proved].map(
      (path) =>
        `h/app ${join(folder.path, path)}: was sealed, and its file is gone; no run of ours deleted it.`,
    ),
  )
  expect(await appliance.catalog.read(kept)).not.toBeNull()
  expect(await appliance.catalog.read(byHand)).toBeNull()
})
