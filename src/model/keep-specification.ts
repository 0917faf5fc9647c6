/** One `@window/spacing~smudge`, in seconds; 0 is what was not written. */
export interface KeepSpecification {
  /** It judges backups that are at least so old. */
  readonly window: number
  /** The distance of the points near which backups stay; 0: all of the window stay. */
  readonly spacing: number
  /** The width around a point, half to each side, in which a backup counts as on it. */
  readonly smudge: number
}

/** What a text says, or what is wrong with it and what to write instead. */
export type Read<Value> = { readonly value: Value } | { readonly problem: string }

const units = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const
const largestNumber = 2_147_483_647
/** About 292 years: the original counts nanoseconds in 63 bits and wraps round behind it. */
const longestSpan = 9_223_372_036

const parts = { '@': 'window', '/': 'spacing', '~': 'smudge' } as const

/**
 * Reads one keep specification (contract other-systems 1.3): any of `@D`, `/D` and `~D`, in any
 * order and without anything between; the last of several counts. Where the original crashed or
 * wrapped round, there is a problem instead.
 */
export function parseKeepSpecification(text: string): Read<KeepSpecification> {
  const specification = { window: 0, spacing: 0, smudge: 0 }
  for (const [whole, sign = '', span = ''] of text.matchAll(
    /([^\p{L}\p{N}.])?([\p{L}\p{N}.]*)/gu,
  )) {
    if (whole === '') continue
    if (sign !== '@' && sign !== '/' && sign !== '~') return { problem: strayText(whole) }
    const read = parseSpan(span)
    if ('problem' in read) return { problem: `After "${sign}": ${read.problem}` }
    specification[parts[sign]] = read.value
  }
  return { value: specification }
}

function strayText(whole: string): string {
  return `"${whole}" does not begin with "@" (window), "/" (spacing) or "~" (smudge).`
}

/**
 * Reads specifications with blanks between them, or the word `none`; in the order in which they
 * are written, which decides between two with the same window.
 */
export function parseKeepSpecifications(text: string): Read<readonly KeepSpecification[]> {
  const words = text.split(/\s+/u).filter((word) => word !== '')
  if (words.length === 1 && words[0] === 'none') return { value: [] }
  const specifications: KeepSpecification[] = []
  for (const word of words) {
    const read = parseKeepSpecification(word)
    if ('problem' in read) return { problem: `In "${word}": ${read.problem}` }
    specifications.push(read.value)
  }
  return { value: specifications }
}

/** Seconds of `0`, `14d`, `1w2d` or `1h30m`: numbers with units, which are added. */
export function parseSpan(text: string): Read<number> {
  if (text === '0') return { value: 0 }
  if (text === '') return { problem: 'the time is missing; write for example 7d.' }
  let seconds = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d*)(\D?)/gu)) {
    if (amount + unit === '') continue
    const part = secondsOf(amount, unit)
    if ('problem' in part) return part
    seconds += part.value
  }
  if (seconds <= longestSpan) return { value: seconds }
  return { problem: `${text} is longer than 292 years.` }
}

function secondsOf(amount: string, unit: string): Read<number> {
  const factor = units.find(([letter]) => letter === unit)?.[1]
  if (factor === undefined) return { problem: unitProblem(amount, unit) }
  if (amount === '') return { problem: `there is no number before "${unit}".` }
  if (Number(amount) > largestNumber) return { problem: `the number ${amount} is too large.` }
  return { value: Number(amount) * factor }
}

const known = 'Units are w, d, h, m (minutes) and s.'

function unitProblem(amount: string, unit: string): string {
  if (unit === '') return `"${amount}" has no unit. ${known}`
  if (unit === '.') return `there are no fractions; write 90m for an hour and a half. ${known}`
  if (unit === 'y') return `there are no years; write 52w or 365d. ${known}`
  if (unit === 'M') return `there are no months; write 4w or 30d. ${known}`
  const lower = unit.toLowerCase()
  const isCase = unit !== lower && units.some(([letter]) => letter === lower)
  return isCase ? `"${unit}" is written "${lower}". ${known}` : `"${unit}" is no unit. ${known}`
}

/** `1w2d`: the largest units first; `0` for none. */
function printSpan(seconds: number): string {
  let rest = seconds
  let text = ''
  for (const [letter, factor] of units) {
    const amount = Math.floor(rest / factor)
    rest -= amount * factor
    if (amount > 0) text += `${amount}${letter}`
  }
  return text === '' ? '0' : text
}

/** The canonical form, `@1w/1h~10m`; what is 0 is left out. */
export function printKeepSpecification({ window, spacing, smudge }: KeepSpecification): string {
  const written = [
    ['@', window],
    ['/', spacing],
    ['~', smudge],
  ] as const
  return written.map(([sign, span]) => (span === 0 ? '' : sign + printSpan(span))).join('')
}

/**
 * What a list of specifications will do that its author can hardly want, in whole sentences. Our
 * backups are taken at a time of day, never exactly on a point of the grid.
 */
export function keepSpecificationWarnings(
  specifications: readonly KeepSpecification[],
): readonly string[] {
  const sorted = specifications.toSorted((left, right) => left.window - right.window)
  // Of two with one window the second has no effect, so that nothing need be nested in it.
  const counting = sorted.filter(({ window }, index) => sorted[index - 1]?.window !== window)
  return sorted.flatMap((specification, index) => [
    ...warningsOfOne(specification),
    ...warningsOfSame(specification, sorted[index + 1]),
    ...(counting.includes(specification)
      ? counting
          .filter(({ window }) => window < specification.window)
          .flatMap((shorter) => warningsOfNesting(shorter, specification))
      : []),
  ])
}

function warningsOfOne(specification: KeepSpecification): string[] {
  const { window, spacing, smudge } = specification
  const name = `"${printKeepSpecification(specification)}"`
  if (spacing === 0) return []
  const warnings: string[] = []
  if (window === 0) {
    warnings.push(
      `${name} has no window (@…), so it judges even the newest backups: one that is not on its grid goes as soon as a newer one exists. Begin it with @, such as @1w.`,
    )
  }
  if (smudge === 0) {
    warnings.push(
      `${name} has no smudge (~…), so it keeps only backups taken in the very second of its grid (in UTC); all others of its window are deleted. Add one, such as ~${printSpan(Math.ceil(spacing / 4))}.`,
    )
  } else if (smudge >= spacing) {
    const effect =
      smudge % spacing === 0
        ? 'keeps every backup of its window'
        : 'thins out nothing that can be foreseen'
    warnings.push(
      `${name} has a smudge that is not smaller than its spacing, so it ${effect}. Make it smaller, such as ~${printSpan(Math.ceil(spacing / 4))}.`,
    )
  } else if (spacing % smudge !== 0) {
    warnings.push(
      `${name} has a smudge that does not divide its spacing, so backups rarely fall on the grid, and most of them are deleted. Write one that divides it.`,
    )
  }
  return warnings
}

function warningsOfSame(
  specification: KeepSpecification,
  next: KeepSpecification | undefined,
): string[] {
  if (specification.window !== next?.window) return []
  const names = [specification, next].map((one) => `"${printKeepSpecification(one)}"`)
  return [`${names.join(' and ')} have the same window: only the one that is written first counts.`]
}

function warningsOfNesting(shorter: KeepSpecification, longer: KeepSpecification): string[] {
  if (shorter.spacing === 0 || longer.spacing === 0) return []
  if (longer.spacing % shorter.spacing === 0) return []
  const names = [shorter, longer].map((one) => `"${printKeepSpecification(one)}"`)
  return [
    `The spacing of ${names[1]} is no multiple of that of ${names[0]}: what the one keeps, the other deletes when it grows older, and little or nothing will be left. Write a multiple of ${printSpan(shorter.spacing)}.`,
  ]
}
