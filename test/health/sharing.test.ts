import { describe, expect, test } from 'vitest'
import { sharing } from '../../src/health/sharing.ts'

const kept = { freshMs: 60_000, patienceMs: 60_000 }
const late = (): Error => new Error('out of patience')

describe('sharing an answer', () => {
  test('asks once for all who wait, and again when it is stale', async () => {
    let asked = 0
    const fresh = sharing(kept, async () => ++asked, late)
    const stale = sharing({ ...kept, freshMs: 0 }, async () => ++asked, late)

    expect(await Promise.all([fresh(), fresh(), fresh()])).toEqual([1, 1, 1])
    expect(await fresh()).toBe(1)
    expect(await stale()).toBe(2)
    expect(await stale()).toBe(3)
  })

  test('keeps no failure', async () => {
    let asked = 0
    const question = async (): Promise<number> => {
      asked += 1
      if (asked === 1) throw new Error('not now')
      return asked
    }
    const answer = sharing(kept, question, late)

    await expect(Promise.all([answer(), answer()])).rejects.toThrow('not now')
    expect(await answer()).toBe(2)
  })

  test('waits no longer than it has patience, and asks no second time meanwhile', async () => {
    const answers = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
    let asked = 0
    const question = async (): Promise<number> => {
      asked += 1
      return (await answers[asked - 1]?.promise) ?? 0
    }
    const answer = sharing({ freshMs: 0, patienceMs: 5 }, question, late)

    await expect(answer()).rejects.toThrow('out of patience')
    await expect(answer()).rejects.toThrow('out of patience')
    expect(asked).toBe(1)
    answers[0]?.resolve(7)
    expect(await answer()).toBe(7)
    // The next one hangs again: the last answer has to do.
    expect(await answer()).toBe(7)
    expect(asked).toBe(2)
  })
})
