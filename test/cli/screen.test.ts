import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { heldScreen } from '../support/held-screen.ts'

const red = '\u001B[31m'
const reset = '\u001B[0m'
const clear = '\r\u001B[K'

describe('a screen', () => {
  test('colours lines on a terminal, each stream for itself', () => {
    const both = heldScreen({ outIsTerminal: true, errIsTerminal: true })
    const onlyErr = heldScreen({ errIsTerminal: true })

    for (const { screen } of [both, onlyErr]) {
      screen.say('result', 'red')
      screen.tell('problem', 'red')
    }

    expect(both.out()).toBe(`${red}result${reset}\n`)
    expect(both.err()).toBe(`${red}problem${reset}\n`)
    expect(onlyErr.out()).toBe('result\n')
    expect(onlyErr.err()).toBe(`${red}problem${reset}\n`)
  })

  test('has no colours and no live line under NO_COLOR, nor in a pipe', () => {
    const plain = heldScreen({ outIsTerminal: true, errIsTerminal: true, color: false })
    const piped = heldScreen()

    for (const { screen } of [plain, piped]) {
      screen.live('50 %')
      screen.say('result', 'green')
      screen.tell('problem', 'red')
    }

    for (const { screen, out, err } of [plain, piped]) {
      expect(screen.showsLive).toBe(false)
      expect([out(), err()]).toStrictEqual(['result\n', 'problem\n'])
    }
  })

  test('keeps the live line below everything that is said', () => {
    const { screen, out, err } = heldScreen({ errIsTerminal: true })

    screen.live('10 %')
    screen.tell('problem')
    screen.live('20 %')
    screen.say('result')
    screen.live('')
    screen.tell('end')

    expect(err()).toBe(`10 %${clear}problem\n10 %${clear}20 %${clear}20 %${clear}end\n`)
    expect(out()).toBe('result\n')
  })

  test('cuts the live line to the width of the terminal, so that it stays one line', () => {
    const { screen, err } = heldScreen({ errIsTerminal: true, columns: 20 })

    screen.live('x'.repeat(100))

    expect(stripVTControlCharacters(err())).toBe('x'.repeat(19))
  })

  test('prints a document as one line of JSON, in no colour', () => {
    const { screen, out } = heldScreen({ outIsTerminal: true })

    screen.document({ text: 'two\nlines' })

    expect(out()).toBe('{"text":"two\\nlines"}\n')
  })
})
