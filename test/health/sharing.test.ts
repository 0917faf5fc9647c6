import { describe, expect, test } from 'vitest'
import { sharing } from '../../src/health/sharing.ts'

describe('sharing an answer', () => {
  test('asks once for all who wait, and again when it is stale', async () => {
    let asked = 0
    const fresh = sharing(60_000, async () => ++asked)
    const stale = sharing(0, async () => ++asked)

    expect(await Promise.all([fresh(), fresh(), fresh()])).toEqual([1, 1, 1])
    expect(await fresh()).toBe(1)
    expect(await stale()).toBe(2)
    expect(await stale()).toBe(3)
  })

  test('keeps no failure', async () => {
    let asked = 0
    const answer = sharing(60_000, async () => {
      asked += 1
      if (asked === 1) throw new Error('not now')
      return asked
    })

    await expect(Promise.all([answer(), answer()])).rejects.toThrow('not now')
    expect(await answer()).toBe(2)
  })
})
