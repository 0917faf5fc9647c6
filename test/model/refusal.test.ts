import { describe, expect, test } from 'vitest'
import { accountLine, accountOf, Refusal, sentencesOf } from '../../src/model/index.ts'

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

test('on one line, each part is a sentence: it has its full stop, and only one', () => {
  const refusal = new Refusal('It was not reached', { reason: 'ECONNREFUSED', advice: 'Look.' })

  expect(accountLine(refusal)).toBe('It was not reached. ECONNREFUSED. Look.')
  expect(sentencesOf('a.', '', 'b!', 'c "d."', 'two\n  lines', '(code)', 'e:')).toBe(
    'a. b! c "d." two lines. (code). e:',
  )
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
