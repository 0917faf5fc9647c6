/** How often: a short fixed count in `scripts/test`, the long one in `scripts/test --full`. */
export function count(short: number, long: number): number {
  return process.env['FULL'] === '1' ? long : short
}
