/** How often progress is told, in milliseconds. */
const everyMs = 200

/** Tells how far something is: at once, then at most every so often, and always the last figure. */
export interface ProgressTeller extends Disposable {
  /** @param total null where it is not known. */
  readonly heard: (bytes: number, total: number | null) => void
}

/**
 * The figure before a standstill is the one that people will look at, so what came too soon to be
 * told is told a little later. Disposal keeps it to itself: the end is told by others.
 */
export function progressTeller(
  tell: (bytes: number, total: number | null) => void,
): ProgressTeller {
  let last = Number.NEGATIVE_INFINITY
  let waiting: Parameters<typeof tell> | null = null
  let timer: NodeJS.Timeout | undefined
  const tellWaiting = (): void => {
    timer = undefined
    if (waiting === null) return
    last = performance.now()
    tell(...waiting)
    waiting = null
  }
  const heard = (bytes: number, total: number | null): void => {
    waiting = [bytes, total]
    const left = last + everyMs - performance.now()
    if (left <= 0) tellWaiting()
    else timer ??= setTimeout(tellWaiting, left).unref()
  }
  return { heard, [Symbol.dispose]: () => clearTimeout(timer) }
}
