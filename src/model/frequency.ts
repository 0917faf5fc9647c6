import { parseWholeNumber } from './words.ts'

/** How often a database is to be backed up, with the word in which it was configured. */
export type Frequency = { readonly written: string } & (
  | { readonly kind: 'none' }
  | { readonly kind: 'weekly' }
  | { readonly kind: 'every'; readonly hours: number }
)

const mostHours = 366 * 24

/** `daily`, `weekly`, `none` or `<n>h`, in any case; null when it is none of these. */
export function parseFrequency(text: string): Frequency | null {
  const written = text.toLowerCase()
  if (written === 'none' || written === 'weekly') return { written, kind: written }
  if (written === 'daily') return { written, kind: 'every', hours: 24 }
  const hours = written.endsWith('h') ? parseWholeNumber(written.slice(0, -1)) : null
  if (hours === null || hours < 1 || hours > mostHours) return null
  return { written, kind: 'every', hours }
}

/** In the order of `Date.getDay()`. */
export const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const
export type Weekday = (typeof weekdays)[number]

/** A day of the week, in full or by its first three letters; null when it is none. */
export function parseWeekday(text: string): Weekday | null {
  const word = text.toLowerCase()
  return weekdays.find((name) => word === name || word === name.slice(0, 3)) ?? null
}
