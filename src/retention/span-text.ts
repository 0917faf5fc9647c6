const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** `14 d`, `36 h`, `90 s`: in the largest unit of which it is a whole number. */
export function spanText(seconds: number): string {
  const unit = units.find(([, size]) => seconds >= size && seconds % size === 0)
  return unit === undefined ? `${seconds} s` : `${seconds / unit[1]} ${unit[0]}`
}
