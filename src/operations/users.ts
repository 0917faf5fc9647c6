/** What several use at a time is made by the first and disposed of by the last of them. */
export class Users {
  readonly #open: () => Promise<AsyncDisposable>
  readonly #using = new Map<string, { users: number; readonly made: Promise<AsyncDisposable> }>()
  #place: Promise<AsyncDisposable> | null = null
  /** Settles when nothing is being disposed of, which could take away what is made anew. */
  #disposed: Promise<unknown> = Promise.resolve()

  /** `open` makes what all of them need. */
  constructor(open: () => Promise<AsyncDisposable>) {
    this.#open = open
  }

  async use(key: string, make: () => Promise<AsyncDisposable>): Promise<AsyncDisposable> {
    const free = this.#disposed
    this.#place ??= free.then(() => this.#open())
    const place = this.#place
    const used = this.#using.get(key) ?? {
      users: 0,
      made: Promise.all([place, free]).then(make),
    }
    this.#using.set(key, used)
    used.users += 1
    const leave = async (): Promise<void> => {
      used.users -= 1
      if (used.users > 0) return
      this.#using.delete(key)
      const isLast = this.#using.size === 0
      if (isLast) this.#place = null
      const disposal = disposeOf(isLast ? [used.made, place] : [used.made])
      this.#disposed = Promise.allSettled([this.#disposed, disposal])
      await disposal
    }
    try {
      await used.made
    } catch (error) {
      await leave()
      throw error
    }
    return { [Symbol.asyncDispose]: leave }
  }
}

/** One after the other; what could not be made needs no disposal. */
async function disposeOf(promised: readonly Promise<AsyncDisposable>[]): Promise<void> {
  for (const each of promised) {
    const made = await each.catch(() => null)
    await made?.[Symbol.asyncDispose]()
  }
}
