import { describe, expect, test } from 'vitest'
import { errorDocument, showError } from '../../src/cli/index.ts'
import { Refusal } from '../../src/model/index.ts'
import { heldScreen } from '../support/held-screen.ts'

function shown(error: unknown): string {
  const { screen, out, err } = heldScreen()
  showError(screen, error)
  expect(out()).toBe('')
  return err()
}

describe('an error that the user can act on', () => {
  test('is told as what happened, why, and what to do now', () => {
    expect(shown(new Refusal('No.', { reason: 'It is closed.', advice: 'Knock.' }))).toBe(
      '[!!ERROR!!] - No.\n  Why: It is closed.\n  Now: Knock.\n',
    )
  })

  test('has one problem a line, all of them in one column', () => {
    const reason = 'backup.conf:1: no spec.\nbackup.conf:7: no port.\nTZ: no zone.'

    expect(shown(new Refusal('3 mistakes.', { reason, advice: 'Correct.\nThen look.' }))).toBe(
      [
        '[!!ERROR!!] - 3 mistakes.',
        '  Why: backup.conf:1: no spec.',
        '       backup.conf:7: no port.',
        '       TZ: no zone.',
        '  Now: Correct.',
        '       Then look.',
        '',
      ].join('\n'),
    )
  })

  test('says nothing where there is nothing to say', () => {
    expect(shown(new Refusal('No.', { advice: '' }))).toBe('[!!ERROR!!] - No.\n')
  })

  test('is red on a terminal', () => {
    const { screen, err } = heldScreen({ errIsTerminal: true })

    showError(screen, new Refusal('No.', { advice: 'Knock.' }))

    expect(err()).toBe('\u001B[31m[!!ERROR!!] - No.\u001B[0m\n  Now: Knock.\n')
  })

  test('is a document of message, reason and advice', () => {
    expect(errorDocument(new Refusal('No.', { reason: 'a\nb', advice: 'c' }))).toStrictEqual({
      error: { message: 'No.', reason: 'a\nb', advice: 'c' },
    })
  })
})

describe('a defect', () => {
  test('shows its stack, and where to take it', () => {
    const text = shown(new TypeError('x is undefined'))

    expect(text).toMatch(
      /^\[!!ERROR!!\] - A defect of backup-container:\nTypeError: x is undefined\n {4}at /u,
    )
    expect(text).toMatch(/\n {2}Now: Please report it/u)
  })

  test('that is no error at all is shown as text', () => {
    expect(shown('out of cheese')).toContain('out of cheese\n')
  })
})
