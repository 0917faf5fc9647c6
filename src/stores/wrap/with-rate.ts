import type { Store } from '../../model/index.ts'
import { paced } from '../../platform/index.ts'

/** The same store, to and from which no more than so many bytes go per second, on average. */
export function withRate(store: Store, perSecond: number): Store {
  return {
    ...store,
    put: (path, source, signal) =>
      store.put(
        path,
        { bytes: source.bytes, open: (start) => paced(source.open(start), perSecond, signal) },
        signal,
      ),
    open: async (path, signal) => paced(await store.open(path, signal), perSecond, signal),
  }
}
