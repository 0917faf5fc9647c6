/**
 * What all of them come to, as with `Promise.all`; but where one fails, its error waits until the
 * others have ended too: nothing goes on behind the back of who hears of it.
 */
export async function allEnded<const Works extends readonly unknown[]>(
  works: Works,
): Promise<{ -readonly [Index in keyof Works]: Awaited<Works[Index]> }> {
  await Promise.allSettled(works)
  return await Promise.all(works)
}
