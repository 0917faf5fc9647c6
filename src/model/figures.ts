const units = ['B', 'K', 'M', 'G', 'T', 'P'] as const

/** Bytes as `du -h` writes them: rounded up, with one decimal below ten: `0`, `512`, `4.0K`, `13M`. */
export function duSize(bytes: number): string {
  const { value, unit } = scaled(bytes, Math.ceil)
  return unit === 'B' ? String(bytes) : `${digits(value)}${unit}`
}

/** Bytes for a person: `812 B`, `7.4 MB`, in powers of 1024, as PostgreSQL's own pretty sizes. */
export function prettySize(bytes: number): string {
  const { value, unit } = scaled(bytes, Math.round)
  return unit === 'B' ? `${Math.round(value)} B` : `${digits(value)} ${unit}B`
}

interface Scaled {
  readonly value: number
  readonly unit: (typeof units)[number]
}

/** In the largest unit of which there is one after rounding: 1023.9 K are 1.0 M. */
function scaled(bytes: number, round: (value: number) => number): Scaled {
  let value = bytes
  for (const [power, unit] of units.entries()) {
    value = bytes / 1024 ** power
    if (Math.abs(value) < 10 && power > 0) value = round(value * 10) / 10
    else value = round(value)
    if (value < 1024) return { value, unit }
  }
  return { value, unit: 'P' }
}

function digits(value: number): string {
  return value < 10 ? value.toFixed(1) : String(value)
}

/** `0h:0m:1s`, the original's way of writing an elapsed time. */
export function elapsedText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 3600)}h:${Math.floor(seconds / 60) % 60}m:${seconds % 60}s`
}

/** `3 d 4 h`, `5 h 10 min`, `12 s`: the two largest units that say something. */
export function ageText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
  ] as const
  const from = parts.findIndex(([amount]) => amount > 0)
  if (from === -1) return `${Math.floor(seconds)} s`
  const shown = parts.slice(from, from + 2).filter(([amount]) => amount > 0)
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ')
}

/** `2026-11-20 01:00` in local time, as `du --time` writes it. */
export function minuteText(instant: Date): string {
  const date = [instant.getFullYear(), two(instant.getMonth() + 1), two(instant.getDate())]
  return `${date.join('-')} ${two(instant.getHours())}:${two(instant.getMinutes())}`
}

/** `2026-11-20 01:00:05`, the same with its seconds. */
export function secondText(instant: Date): string {
  return `${minuteText(instant)}:${two(instant.getSeconds())}`
}

/** A number of at least two digits. */
export function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
