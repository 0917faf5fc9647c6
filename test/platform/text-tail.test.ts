import { describe, expect, test } from 'vitest'
import { TextTail } from '../../src/platform/text-tail.ts'

describe('the tail of a text', () => {
  test('is its last twenty lines', () => {
    const tail = new TextTail()
    for (let line = 1; line <= 30; line += 1) tail.add(Buffer.from(`line ${line}\n\n`))

    expect(tail.lines()).toHaveLength(20)
    expect(tail.lines()[0]).toBe('line 11')
  })

  test('begins with a whole line when the text was longer', () => {
    const tail = new TextTail()
    tail.add(Buffer.from(`${'x'.repeat(20_000)}\nthe end\n`))

    expect(tail.lines()).toEqual(['the end'])
  })

  test('is the end of a line that is longer by itself', () => {
    const tail = new TextTail()
    tail.add(Buffer.from(`${'x'.repeat(20_000)}end`))

    expect(tail.lines()).toHaveLength(1)
    expect(tail.lines()[0]).toMatch(/^x{16381}end$/u)
  })
})
