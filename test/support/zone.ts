/** Runs something synchronous in another time zone, and restores the one of the tests. */
export function inZone<Result>(zone: string, run: () => Result): Result {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  try {
    return run()
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
}

/** The same for something that takes its time; nothing else may run beside it. */
export async function throughZone<Result>(
  zone: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  try {
    return await run()
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
}
