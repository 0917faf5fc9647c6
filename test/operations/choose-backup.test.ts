import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Manifest } from '../../src/model/index.ts'
import {
  type Appliance,
  acceptAnomaly,
  type Choice,
  chooseBackup,
  readStatus,
  warningsOnChoice,
} from '../../src/operations/index.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { fakeBackup, type TemporaryFolder, temporaryFolder } from '../support/volume.ts'

const core = 'h-app'
const spec = 'postgres=h:5432/app'
const now = new Date(Date.UTC(2026, 0, 10, 12))

/** With `rows` in its only table, taken at one o'clock in the night of a day of January 2026. */
async function night(root: string, ofMonth: number, rows: number): Promise<string> {
  const tables = [{ schema: 'public', table: 'orders', rows }]
  const fingerprint: Manifest['fingerprint'] = { mode: 'rows', tables, problem: null }
  const at = new Date(Date.UTC(2026, 0, ofMonth, 1))
  return await fakeBackup(root, { core, at, bytes: 100, manifest: { spec, fingerprint } })
}

async function chosen(appliance: Appliance, at: Date | null = null): Promise<Choice> {
  const [database] = appliance.configuration.databases
  if (database === undefined) throw new Error('There is no database.')
  return await chooseBackup(appliance, { database, filter: null, at })
}

async function here(folder: TemporaryFolder): Promise<Appliance> {
  const clock = { now: () => now }
  return await applianceHere({ root: folder.path, lines: ['h/app'], clock })
}

describe('what is restored without a filter', () => {
  test('is told of when the newest lost most of its rows, until that is accepted', async () => {
    await using folder = temporaryFolder()
    const full = await night(folder.path, 8, 30_000)
    const fallen = await night(folder.path, 9, 100)
    const newest = await night(folder.path, 10, 100)
    const appliance = await here(folder)
    const { databases } = appliance.configuration

    const { backup, warnings } = await chosen(appliance)
    const byHand = await Promise.all(databases.map((it) => warningsOnChoice(appliance, it, backup)))
    const before = await chosen(appliance, new Date(Date.UTC(2026, 0, 8, 12)))
    const atFall = await chosen(appliance, new Date(Date.UTC(2026, 0, 9, 12)))
    const [state] = await readStatus(appliance, databases)

    expect(backup.path).toBe(newest)
    expect(warnings).toEqual([
      `${newest} has 99 % fewer rows than ${full}; to restore that one: -f ${full}. Rows that went: public.orders 30000 to 100.`,
    ])
    expect(byHand).toEqual([warnings])
    expect(before).toMatchObject({ backup: { path: full }, warnings: [] })
    expect(atFall).toMatchObject({ backup: { path: fallen } })
    expect(atFall.warnings.join()).toContain(`to restore that one: -f ${full}`)
    expect(state).toMatchObject({
      ok: false,
      hasLoss: true,
      problem: `The newest backup has 99 % fewer rows than ${full}. If that is right, say so with --accept h/app; if not, -r h/app -f ${full} restores that one.`,
    })

    for (const database of databases) await acceptAnomaly(appliance, database)
    expect((await chosen(appliance)).warnings).toEqual([])
    expect(await readStatus(appliance, databases)).toMatchObject([
      { ok: state?.state === 'good', hasLoss: false, problem: null },
    ])
  })

  test('names newer ones that are bad, and --status does, too', async () => {
    await using folder = temporaryFolder()
    const good = await night(folder.path, 7, 10)
    const emptied = await night(folder.path, 8, 10)
    const cut = await night(folder.path, 9, 10)
    await writeFile(join(folder.path, emptied), '')
    await writeFile(join(folder.path, cut), 'half of it')
    const appliance = await here(folder)

    const { backup, warnings } = await chosen(appliance)
    const earlier = await chosen(appliance, new Date(Date.UTC(2026, 0, 8, 12)))
    const status = await readStatus(appliance, appliance.configuration.databases)

    expect(backup.path).toBe(good)
    expect(warnings).toEqual([
      `The newest backup is bad: it has 10 bytes, but 100 were sealed. ${cut} was passed over.`,
      `A newer backup is bad: it has 0 bytes, but 100 were sealed. ${emptied} was passed over.`,
    ])
    expect(earlier.warnings).toEqual([
      `The newest backup is bad: it has 0 bytes, but 100 were sealed. ${emptied} was passed over.`,
    ])
    expect(status).toMatchObject([
      { ok: false, problem: 'The newest backup is bad: it has 10 bytes, but 100 were sealed.' },
    ])
  })
})
