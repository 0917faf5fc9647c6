import { Refusal, type Store } from '../../model/index.ts'
import { pauseUnless } from '../../platform/index.ts'

export interface Tries {
  /** How often in all; at least 1. */
  readonly most: number
  /** Before the second try, in milliseconds; each pause is four times the one before it. */
  readonly firstPauseMs: number
}

const growth = 4
/** A try that takes longer than this has hung, or has moved much that would be moved again. */
const longestTryMs = 30_000

/**
 * The same store, but that what may pass by itself (an outage, a lost connection) is tried again,
 * with growing pauses. A stream that breaks after `open` has given it away is its reader's.
 */
export function withTries(store: Store, tries: Tries): Store {
  const again = <Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> =>
    tryOften(work, tries, signal)
  const never = new AbortController().signal
  return {
    ...store,
    list: (signal) => again(signal, () => store.list(signal)),
    listRecords: (signal) => again(signal, () => store.listRecords(signal)),
    open: (path, signal) => again(signal, () => store.open(path, signal)),
    put: (path, source, signal) => again(signal, () => store.put(path, source, signal)),
    remove: (path, signal = never) => again(signal, () => store.remove(path, signal)),
  }
}

async function tryOften<Result>(
  work: () => Promise<Result>,
  { most, firstPauseMs }: Tries,
  signal: AbortSignal,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const started = performance.now()
    try {
      return await work()
    } catch (error) {
      if (tries >= most || !(error instanceof Refusal) || !error.mayPass) throw error
      // What hung once would hang again, and a cycle waits for it with the lock of the volume.
      if (performance.now() - started > longestTryMs) throw error
      await pauseUnless(signal, firstPauseMs * growth ** (tries - 1))
    }
  }
}
