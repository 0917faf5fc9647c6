import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ageText, duSize, elapsedText, minuteText, prettySize } from '../../src/model/figures.ts'
import { count } from '../support/counts.ts'
import { temporaryFolder } from '../support/volume.ts'
import { inZone } from '../support/zone.ts'

/** Around every power of two, and every border at which a decimal or a unit changes. */
const borders = Array.from({ length: 42 }, (_, power) => 2 ** power).flatMap((size) =>
  [1, 1.1, 9.9, 9.95, 10].flatMap((factor) => {
    const at = Math.floor(size * factor)
    return [at - 1, at, at + 1]
  }),
)

describe('sizes in the listing', () => {
  test('are those of du -h', async () => {
    await using folder = temporaryFolder()
    const sizes = [0, ...borders.filter((size) => size > 0 && size < 2 ** 40)]
    const names = sizes.map((size, at) => {
      const name = folder.join(String(at))
      writeFileSync(name, '')
      truncateSync(name, size)
      return name
    })

    const output = execFileSync('du', ['-h', '--apparent-size', ...names], { encoding: 'utf8' })

    const texts = output.trim().split('\n')
    expect(sizes.map(duSize)).toStrictEqual(texts.map((text) => text.split('\t')[0]))
  })

  test('are rounded as numfmt rounds them, up to petabytes', () => {
    const sizes = fc.sample(
      fc.oneof(fc.maxSafeNat(), fc.nat(), fc.nat(20_000), fc.constantFrom(...borders)),
      { numRuns: count(1_000, 50_000), seed: 7 },
    )

    const output = execFileSync('numfmt', ['--to=iec'], {
      input: sizes.join('\n'),
      encoding: 'utf8',
    })

    expect(sizes.map(duSize)).toStrictEqual(output.trim().split('\n'))
  })
})

describe('sizes for people', () => {
  test.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KB'],
    [7_759_462, '7.4 MB'],
    [10_188, '9.9 KB'],
    [10_239, '10 KB'],
    [1_048_575, '1.0 MB'],
    [15 * 1_024 ** 3, '15 GB'],
    [0.4, '0 B'],
    [1_023.7, '1.0 KB'],
  ])('of %d bytes are %s', (bytes, text) => {
    expect(prettySize(bytes)).toBe(text)
  })
})

describe('an elapsed time', () => {
  test.each([
    [0, '0h:0m:0s'],
    [1_400, '0h:0m:1s'],
    [59_600, '0h:1m:0s'],
    [3_599_999, '1h:0m:0s'],
    [90_061_000, '25h:1m:1s'],
  ])('of %i ms is %s', (milliseconds, text) => {
    expect(elapsedText(milliseconds)).toBe(text)
  })

  test('never shows sixty minutes or seconds', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 9), (milliseconds) => {
        const [, hours, minutes, seconds] =
          /^(\d+)h:(\d+)m:(\d+)s$/u.exec(elapsedText(milliseconds)) ?? []

        expect(Number(minutes)).toBeLessThan(60)
        expect(Number(seconds)).toBeLessThan(60)
        const shown = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
        expect(Math.abs(shown - milliseconds / 1_000)).toBeLessThanOrEqual(0.5)
      }),
    )
  })
})

describe('an age', () => {
  test.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3_600, '1 h'],
    [37_500, '10 h 25 min'],
    [86_400, '1 d'],
    [86_700, '1 d'],
    [90_000, '1 d 1 h'],
    [400 * 86_400, '400 d'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(ageText(seconds)).toBe(text)
  })
})

test('a minute is written as du --time writes it, in local time', () => {
  const instant = new Date('2026-11-20T09:05:59Z')

  expect(minuteText(instant)).toBe('2026-11-20 09:05')
  expect(inZone('PST8PDT', () => minuteText(instant))).toBe('2026-11-20 01:05')
})
