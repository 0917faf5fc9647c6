import { expect, test } from 'vitest'
import { whenDue } from '../../src/operations/when-due.ts'
import { backupSchedule } from '../../src/schedule/index.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { temporaryFolder } from '../support/volume.ts'

test('what was never backed up is due at the moment it is asked for, not a moment later', async () => {
  await using folder = temporaryFolder()
  const appliance = await applianceHere({
    root: folder.path,
    lines: ['pg/app?frequency=daily'],
    // It has gone on since the caller looked at it.
    clock: { now: () => new Date('2026-05-05T01:00:00.001Z') },
  })
  const now = new Date('2026-05-05T01:00:00.000Z')
  const [database] = appliance.configuration.databases
  if (database === undefined) throw new Error('There is one.')

  const { from } = whenDue(appliance, {
    database,
    backups: [],
    schedule: backupSchedule([], 86_400),
    now,
  })

  expect(from).toEqual(now)
})
