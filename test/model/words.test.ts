import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, parseRate, parseWholeNumber, parseYesNo } from '../../src/model/index.ts'

describe('durations', () => {
  test.each([
    ['0', 0],
    ['90', 90],
    ['30m', 1_800],
    ['1d', 86_400],
    ['1h30m', 5_400],
    ['1d2h3m4s', 93_784],
    ['08h', 28_800],
  ])('%s are %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each(['', ' 1h', '1h ', '1 h', 'h', '1w', '1.5h', '-1h', '1h30', '1H', '٣h', '1d,2h'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull()
    },
  )

  test('of any days, hours, minutes and seconds are their sum', () => {
    const amounts = fc.tuple(fc.nat(400), fc.nat(100), fc.nat(100), fc.nat(100))

    fc.assert(
      fc.property(amounts, ([d, h, m, s]) => {
        expect(parseDuration(`${d}d${h}h${m}m${s}s`)).toBe(d * 86_400 + h * 3_600 + m * 60 + s)
      }),
    )
  })
})

describe('whole numbers', () => {
  test.each([
    ['0', 0],
    ['31', 31],
    ['08', 8],
    ['999999999999999', 999_999_999_999_999],
  ])('%s is %i (no octal, contract 4.4)', (text, value) => {
    expect(parseWholeNumber(text)).toBe(value)
  })

  test.each(['', ' 1', '1 ', '-1', '+1', '1.0', '1e3', '0x10', '1_000', '٣', '9'.repeat(16)])(
    '%j is none',
    (text) => {
      expect(parseWholeNumber(text)).toBeNull()
    },
  )
})

describe('yes and no', () => {
  test.each(['true', 'yes', 'on', '1', 'TRUE', 'Yes'])('%s is yes', (text) => {
    expect(parseYesNo(text)).toBe(true)
  })

  test.each(['false', 'no', 'off', '0', 'FALSE', 'No'])('%s is no', (text) => {
    expect(parseYesNo(text)).toBe(false)
  })

  test.each(['', 'y', 'n', 'ja', 'true ', '2', 'null'])('%j is neither', (text) => {
    expect(parseYesNo(text)).toBeNull()
  })
})

test('no text makes a parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const parse of [parseDuration, parseWholeNumber, parseYesNo]) {
        expect(parse(text)).not.toBeNaN()
      }
    }),
  )
})

describe('a rate', () => {
  test.each([
    ['10MB/s', 10_000_000],
    ['500 kB/s', 500_000],
    ['1G', 1_000_000_000],
    ['65536', 65_536],
    ['65536B/s', 65_536],
  ])('%s', (text, perSecond) => {
    expect(parseRate(text)).toBe(perSecond)
  })

  test.each(['', '0', '0MB/s', 'fast', '10 MB/h', '-1', '1.5MB/s'])('%j is none', (text) => {
    expect(parseRate(text)).toBeNull()
  })
})
