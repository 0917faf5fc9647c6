/** How long a picture of the volume holds, in milliseconds; longer where taking it is slow. */
const quiet = { leastMs: 15_000, times: 20 } as const
/** The same while an operation of ours changes what is seen. */
const busy = { leastMs: 3_000, times: 3 } as const

/** How soon after the beginning of an operation the first picture of it is taken. */
export const firstPictureMs = 500

/** How long to wait for the next picture, after one that took so long; in milliseconds. */
export function pauseAfter(tookMs: number, { isBusy }: { readonly isBusy: boolean }): number {
  const { leastMs, times } = isBusy ? busy : quiet
  return Math.max(leastMs, times * tookMs)
}
