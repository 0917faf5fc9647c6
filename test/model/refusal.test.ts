import { describe, expect, test } from 'vitest'
import { accountOf, Refusal } from '../../src/model/index.ts'

describe('a refusal', () => {
  test('says what happened, why, and what to do', () => {
    const cause = new Error('ECONNREFUSED')
    const refusal = new Refusal('No.', { reason: 'It is closed.', advice: 'Knock.', cause })

    expect(accountOf(refusal)).toStrictEqual({
      message: 'No.',
      reason: 'It is closed.',
      advice: 'Knock.',
    })
    expect(refusal).toMatchObject({ exitStatus: 1, cause })
  })
})

describe('any other error', () => {
  test.each([
    [new TypeError('x is undefined'), 'x is undefined'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
  ])('%j is accounted for as a defect', (error, message) => {
    expect(accountOf(error)).toMatchObject({ message, reason: expect.stringContaining('defect') })
  })
})
