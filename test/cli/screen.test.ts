import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { heldScreen } from '../support/held-screen.ts'

const red = '\u001B[31m'
const reset = '\u001B[0m'
const clear = '\r\u001B[J'
const line = (text: string): string => `\u001B[?7l${text}\u001B[?7h`

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
      screen.live(['50 %'])
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

    screen.live(['10 %'])
    screen.tell('problem')
    screen.live(['20 %'])
    screen.say('result')
    screen.live([])
    screen.tell('end')

    const [ten, twenty] = [line('10 %'), line('20 %')]
    expect(err()).toBe(
      `${ten}${clear}problem\n${ten}${clear}${twenty}${clear}${twenty}${clear}end\n`,
    )
    expect(out()).toBe('result\n')
  })

  test('cuts live lines to the width of the terminal, so that each stays one line', () => {
    const { screen, err } = heldScreen({ errIsTerminal: true, columns: 20 })

    screen.live(['x'.repeat(100), '\u001B[2Jüber\n'])

    expect(stripVTControlCharacters(err())).toBe(`${'x'.repeat(19)}\n?[2Jüber?`)
  })

  test('redraws several live lines in place, no more than fit, and none after the end', () => {
    const { screen, err } = heldScreen({ errIsTerminal: true, rows: 4 })

    screen.live(['a', 'b', 'c'])
    screen.live(['a', 'b', 'c', 'd'])
    screen.endLive()
    screen.live(['a'])

    const above = '\u001B[2A\r\u001B[J'
    expect(err()).toBe(`${line('a\nb\nc')}${above}${line('a\nb\n… and 2 more')}${above}`)
    expect(screen.showsLive).toBe(false)
  })

  test('prints a document as one line of JSON, in no colour', () => {
    const { screen, out } = heldScreen({ outIsTerminal: true })

    screen.document({ text: 'two\nlines' })

    expect(out()).toBe('{"text":"two\\nlines"}\n')
  })
})
