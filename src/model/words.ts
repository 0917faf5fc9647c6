/*
 * Parsers of the words that people configure. Each returns null for a word that it does not know;
 * who asked says what was expected.
 */

const unitSeconds = { d: 86_400, h: 3_600, m: 60, s: 1 } as const

/** Seconds of `90`, `30m`, `1h30m` or `1d`; null when it is none. */
export function parseDuration(text: string): number | null {
  if (/^\d+$/u.test(text)) return Number(text)
  if (!/^(?:\d+[dhms])+$/u.test(text)) return null
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)([dhms])/gu)) {
    seconds += Number(amount) * unitSeconds[unit as keyof typeof unitSeconds]
  }
  return seconds
}

const rateUnits = { '': 1, k: 1_000, m: 1_000_000, g: 1_000_000_000 } as const

/** Bytes per second of `10MB/s`, `500 kB/s`, `1G`, `65536`; null when it is none, or zero. */
export function parseRate(text: string): number | null {
  const parts = /^(?<amount>\d{1,9})\s*(?<unit>[kmg]?)b?(?:\/s)?$/iu.exec(text.trim())?.groups
  if (parts === undefined) return null
  const unit = (parts['unit'] ?? '').toLowerCase() as keyof typeof rateUnits
  return Number(parts['amount']) * rateUnits[unit] || null
}

/** A whole number of zero or more in plain decimal digits (`08` is eight); null when it is none. */
export function parseWholeNumber(text: string): number | null {
  return /^\d{1,15}$/u.test(text) ? Number(text) : null
}

/** True and false in the words that shells and Kubernetes manifests use. */
export function parseYesNo(text: string): boolean | null {
  const word = text.toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(word)) return true
  return ['false', 'no', 'off', '0'].includes(word) ? false : null
}

/**
 * The instant of `2026-11-20` (its end), `2026-11-20 13:00`, `2026-11-20_13-00-00` (as in file
 * names), all in local time, or of an ISO 8601 time with its zone; null when it is none.
 */
export function parseInstant(text: string): Date | null {
  const parts =
    /^(?<date>\d{4}-\d{2}-\d{2})(?:[T _](?<time>\d{2}[:-]\d{2}(?:[:-]\d{2}(?:\.\d+)?)?)(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/u.exec(
      text.trim(),
    )?.groups
  if (parts === undefined) return null
  const time = parts['time']?.replaceAll('-', ':') ?? '23:59:59.999'
  const instant = new Date(`${parts['date']}T${time}${parts['zone'] ?? ''}`)
  return Number.isNaN(instant.getTime()) ? null : instant
}
