import { ageText, headOf, prettySize, tailOf, textWidth } from './format.ts'

/** How far one dump or load is. */
export interface Progress {
  /** As configured, and the store that a copy goes to. */
  readonly spec: string
  readonly bytes: number
  /** null: not known. */
  readonly expectedBytes: number | null
  /** Bytes per second of late. */
  readonly rate: number
  /** In seconds: since it began, and since there was last anything new. */
  readonly age: number
  readonly silence: number
}

/** A bar of fewer characters shows nothing, and one of more no more. */
const shortestBar = 8
const longestBar = 24
/** The room for figures, so that the bar keeps its length while they change. */
const usualFigures = { long: 56, short: 44 } as const
/** Of a name so much stays beside a bar, and without one. */
const shortestName = { withBar: 20, alone: 12 } as const
/** `: [`, `] ` */
const frame = 5
/** After so many seconds it is told that nothing comes; databases have their pauses. */
const longSilence = 5

/**
 * `wallet-db/app: [#####-------] 42 % 7.4 MB of about 18 MB, 2.1 MB/s, about 5 s left`. Where that is
 * wider than `width`, words are left out, then the beginning of the name, then the bar.
 */
export function progressLine(told: Progress, width: number): string {
  const progress = withoutExceeded(told)
  const { spec } = progress
  const { text, reserved } = figuresFor(progress, width)
  const room = width - frame - reserved
  const name = shortened(spec, Math.max(shortestName.withBar, room - shortestBar))
  const bar = barOf(progress, Math.min(room - textWidth(name), longestBar))
  if (bar !== null) return `${name}: ${bar} ${text}`
  const alone = shortened(spec, Math.max(shortestName.alone, width - text.length - 2))
  return headOf(`${alone}: ${text}`, width)
}

/** What was expected was a guess; beyond it nobody knows how much there will be. */
function withoutExceeded(progress: Progress): Progress {
  const { bytes, expectedBytes } = progress
  const isExceeded = expectedBytes !== null && bytes > expectedBytes
  return isExceeded ? { ...progress, expectedBytes: null } : progress
}

function figuresFor(
  progress: Progress,
  width: number,
): { readonly text: string; readonly reserved: number } {
  const long = figuresOf(progress, 'about ')
  const reserved = Math.max(usualFigures.long, long.length)
  const fits = textWidth(progress.spec) + frame + shortestBar + reserved <= width
  if (fits) return { text: long, reserved }
  const text = figuresOf(progress, '')
  return { text, reserved: Math.max(usualFigures.short, text.length) }
}

/** @param about stands before what is a guess. */
function figuresOf(progress: Progress, about: string): string {
  const { bytes, expectedBytes, age } = progress
  if (bytes === 0) return `getting ready ... ${ageText(age)}`
  const part = partOf(progress)
  const left = secondsLeft(progress)
  return [
    part === null ? '' : `${Math.floor(part * 100)} % `,
    prettySize(bytes),
    expectedBytes === null ? '' : ` of ${about}${prettySize(expectedBytes)}`,
    paceText(progress),
    left === null ? '' : `, ${about}${ageText(Math.ceil(left))} left`,
  ].join('')
}

function paceText({ bytes, expectedBytes, rate, silence }: Progress): string {
  // When all is loaded, indexes are built and rows compared.
  if (bytes === expectedBytes) return ', finishing ...'
  if (silence >= longSilence) return `, nothing for ${ageText(silence)}`
  return rate > 0 ? `, ${prettySize(rate)}/s` : ''
}

/** From 0 to 1. */
function partOf({ bytes, expectedBytes }: Progress): number | null {
  return expectedBytes === null || expectedBytes === 0 ? null : bytes / expectedBytes
}

/** Of less than this part of it nothing can be told of the time that the whole takes. */
const leastPart = 0.01

function secondsLeft(progress: Progress): number | null {
  const { bytes, expectedBytes, rate, silence } = progress
  const part = partOf(progress)
  if (expectedBytes === null || part === null || part < leastPart || part >= 1) return null
  return rate > 0 && silence < longSilence ? (expectedBytes - bytes) / rate : null
}

/** null where there is no room, or nobody knows how much there will be: a bar would be a lie. */
function barOf(progress: Progress, length: number): string | null {
  const part = partOf(progress)
  if (part === null || progress.bytes === 0 || length < shortestBar) return null
  const full = Math.floor(part * length)
  return `[${'#'.repeat(full)}${'-'.repeat(length - full)}]`
}

/** The end of a spec says more than its beginning. */
function shortened(name: string, length: number): string {
  return textWidth(name) <= length ? name : `…${tailOf(name, length - 1)}`
}
