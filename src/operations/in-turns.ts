import { allEnded } from '../model/index.ts'

/**
 * Runs `work` for every item, at most `width` at once; results in the order of the items. After a
 * failure whoever is free goes on, and it is thrown in the end.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await allEnded(Array.from({ length: Math.min(width, items.length) }, worker))
  return results
}
