import type { Appliance } from './appliance.ts'

/** Reads a backup while pruning leaves it alone, which needs no lock. */
export async function whileShielded<Result>(
  _appliance: Appliance,
  _path: string,
  read: () => Promise<Result>,
): Promise<Result> {
  return await read()
}
