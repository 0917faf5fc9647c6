/** Clocks of two machines that share a volume may differ by so much. */
const clockSkewMs = 3_600_000

/** Whether a time lies so far ahead of `now` that a clock must have been wrong. */
export function isInFuture(time: Date, now: Date): boolean {
  return time.getTime() > now.getTime() + clockSkewMs
}
