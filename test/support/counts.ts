/** How often: a short fixed count in `scripts/test`, the long one in `scripts/test --full`. */
export function count<Value = number>(short: Value, long: Value): Value {
  return process.env['FULL'] === '1' ? long : short
}
