import { expect, test } from 'vitest'
import { headOf, padColumns, tailOf, textWidth } from '../../src/model/index.ts'

test.each([
  ['orders', 6],
  ['日本語', 6],
  ['e\u0301te\u0301', 3],
  ['한글', 4],
  ['ｱｲ', 2],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['🇩🇪', 2],
  ['\u200B', 0],
  ['', 0],
])('%s takes %i columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns)
})

test('what is cut or padded is as wide as asked, and no character is halved', () => {
  expect(headOf('日本語', 5)).toBe('日本')
  expect(tailOf('日本語', 5)).toBe('本語')
  expect(headOf('ab👩‍👩‍👧c', 4)).toBe('ab👩‍👩‍👧')
  expect(tailOf('abc', 9)).toBe('abc')
  expect(padColumns('日本', 6)).toBe('日本  ')
  expect(padColumns('日本語', 5)).toBe('日本語')
})
