import { expect, test } from 'vitest'
import { Refusal } from '../../src/model/index.ts'
import { Machine } from '../../src/tui/machine.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { type Site, site } from '../support/site.ts'
import { waitUntil } from '../support/wait-until.ts'
import { fixedState } from './fixed-world.ts'

type Appliance = Awaited<ReturnType<typeof applianceHere>>

/** A machine on an empty volume, whose appliance is a little different. */
async function machineAt(
  here: Site,
  change: (it: Appliance) => Partial<Appliance>,
): Promise<Machine> {
  const appliance = await applianceHere({ root: here.root, lines: ['127.0.0.1:1/app'] })
  const { world, ...state } = await fixedState()
  const { configuration } = appliance
  const { databases } = configuration
  const empty = { ...world, configuration, databases, observation: null, journal: null }
  return new Machine({ ...appliance, ...change(appliance) }, { ...state, world: empty })
}

function ignore(): void {
  // There is no screen.
}

test('reads the volume, and shows why it could not', async () => {
  await using here = await site(['127.0.0.1:1/app'])
  let broken = false
  const machine = await machineAt(here, ({ volume }) => ({
    volume: {
      ...volume,
      list: (signal) => {
        if (broken) throw new Refusal('The volume is gone.', { reason: 'It is.', advice: 'Look.' })
        return volume.list(signal)
      },
    },
  }))
  machine.begin(ignore)
  await waitUntil('the journal', () => machine.current().world.journal)
  expect(machine.current().world).toMatchObject({ problem: null, bytesPerDay: null })

  broken = true
  machine.dispatch({ kind: 'key', key: { name: 'text', text: 'b' } })
  machine.dispatch({ kind: 'key', key: { name: 'enter' } })
  await waitUntil('the problem', () => machine.current().world.problem)

  // The backup failed as well, and said why.
  expect(machine.current().world.problem).toBe('The volume is gone. It is.')
  await waitUntil('the end', () => machine.current().operation?.outcome)
  expect(machine.current().operation?.log.map(({ text }) => text)).toContain('The volume is gone.')
  machine.dispatch({ kind: 'key', key: { name: 'text', text: 'q' } })
  await machine.left
})

test('a defect ends it, and so does a signal', async () => {
  await using here = await site(['127.0.0.1:1/app'])
  const defect = new TypeError('a defect')
  const defective = await machineAt(here, ({ catalog }) => ({
    catalog: { ...catalog, recentRuns: () => Promise.reject(defect) },
  }))
  defective.begin(ignore)
  await expect(defective.left).rejects.toBe(defect)
  await defective.end()

  const told = AbortSignal.abort(new Refusal('Ended by SIGTERM.', { advice: '' }))
  const ended = await machineAt(here, () => ({ signal: told }))
  ended.begin(ignore)
  await ended.left
  expect(ended.current().world.observation).toBeNull()
})
