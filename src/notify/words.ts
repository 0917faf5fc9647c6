const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes for people: `812 B`, `7.4 MB`, in powers of 1024. */
export function sizeText(bytes: number): string {
  let value = bytes
  let power = 0
  while (Math.round(value * 10) / 10 >= 1024 && power < units.length - 1) {
    value /= 1024
    power += 1
  }
  const digits = power > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value))
  return `${digits} ${units[power]}`
}

/** `0h:0m:1s`, as the original has it. */
export function timeText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 3600)}h:${Math.floor(seconds / 60) % 60}m:${seconds % 60}s`
}

/** Lines of which some may be absent. */
export function linesOf(...lines: readonly (string | null)[]): string {
  return lines.filter((line) => line !== null && line !== '').join('\n')
}
