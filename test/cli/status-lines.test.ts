import { expect, test } from 'vitest'
import { showStatus } from '../../src/cli/status-lines.ts'
import { textWidth } from '../../src/model/index.ts'
import { heldScreen } from '../support/held-screen.ts'
import { fixedState } from '../tui/fixed-world.ts'

test('a name in wide characters moves no column', async () => {
  const { world } = await fixedState()
  const { screen, out } = heldScreen({})

  showStatus(screen, world.observation?.statuses ?? [])

  const rows = out()
    .split('\n')
    .filter((row) => row.includes('2026-11-20 01:00'))
  const places = rows.map((row) => textWidth(row.slice(0, row.indexOf('2026-11-20 01:00'))))
  expect(rows.some((row) => row.includes('語'))).toBe(true)
  expect(new Set(places).size).toBe(1)
})
