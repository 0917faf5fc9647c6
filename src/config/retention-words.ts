import { parseKeepSpecifications, parseSpan, parseWholeNumber } from '../model/index.ts'
import type { Duration, KeepList } from './setting-kinds.ts'

/** `90` (seconds), `14d`, `1w2d`; null for anything else. */
export function spanOf(text: string): Duration | null {
  const seconds = parseWholeNumber(text) ?? valueIn(parseSpan(text))
  return seconds === null ? null : Object.freeze({ written: text, seconds })
}

/** `@2w/1d~6h @8w/1w~1d`, or `none`; null for anything else. */
export function keepListOf(text: string): KeepList | null {
  const specifications = valueIn(parseKeepSpecifications(text))
  return specifications === null ? null : Object.freeze({ written: text, specifications })
}

/** `50%` or `50`, from 0 to 100; null for anything else. */
export function percentOf(text: string): number | null {
  const percent = parseWholeNumber(text.replace(/%$/u, ''))
  return percent === null || percent > 100 ? null : percent
}

/** What exactly is wrong with a text, as a sentence, where more can be said than what was expected. */
export function problemWith(kind: string, text: string): string | null {
  if (kind !== 'keep' && kind !== 'span') return null
  const read = kind === 'keep' ? parseKeepSpecifications(text) : parseSpan(text)
  if (!('problem' in read)) return null
  return read.problem.charAt(0).toUpperCase() + read.problem.slice(1)
}

function valueIn<Value>(
  read: { readonly value: Value } | { readonly problem: string },
): Value | null {
  return 'value' in read ? read.value : null
}
