import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal, type Store, type StoredFile } from '../model/index.ts'
import { explainingScratchErrors, makeFolder } from '../platform/index.ts'
import { openVolume, type Primary } from '../stores/index.ts'
import type { Appliance, Fetch } from './appliance.ts'
import { holdOpened, openedPrefix } from './opened-scratch.ts'

type Place = Pick<Appliance, 'modes' | 'clock'>

/** A store that is not on this machine, and what belongs to its backups while they are here. */
export interface Elsewhere {
  readonly store: Store
  /** The store, in words for people. */
  readonly label: string
  /** How to see what is in it. */
  readonly listing: string
  /** A folder of this machine. */
  readonly scratch: string
}

/** Where the backups of a store are while they are on this machine, and how they come here. */
export interface Bringing extends Pick<Primary, 'absolute' | 'open'> {
  /** Brings a backup, unless it is here, until all who asked for it have disposed of it. */
  readonly fetch: Fetch
}

/** Restores read an archive more than once, and from several places at a time. */
export function bringing(appliance: Place, from: Elsewhere): Bringing {
  const name = `${openedPrefix}${randomUUID()}`
  const folder = join(from.scratch, name)
  const here = openVolume(folder, { modes: appliance.modes })
  const users = new Users(async () => {
    const sign = await explainingScratchErrors(from.scratch, `Creating ${folder}`, async () => {
      await makeFolder(from.scratch, appliance.modes.folder)
      return await holdOpened(appliance, from.scratch, name)
    })
    return {
      async [Symbol.asyncDispose]() {
        await rm(folder, { recursive: true, force: true })
        await sign[Symbol.asyncDispose]()
      },
    }
  })
  return {
    absolute: (path) => here.absolute(path),
    // What was brought is read from here.
    open: (path, signal) =>
      existsSync(here.absolute(path)) ? here.open(path, signal) : from.store.open(path, signal),
    fetch: (path, { signal, tell }) =>
      users.use(path, () => bring(from, { here, path, signal, tell })),
  }
}

interface Errand extends Pick<Appliance, 'signal' | 'tell'> {
  readonly here: Primary
  readonly path: string
}

async function bring(
  from: Elsewhere,
  { here, path, signal, tell }: Errand,
): Promise<AsyncDisposable> {
  const { bytes } = await fileOf(from, path, signal)
  tell({ kind: 'fetching', store: from.label, path, bytes })
  const stream = await from.store.open(path, signal)
  await explainingScratchErrors(from.scratch, `Bringing ${path}`, () =>
    here.put(path, { bytes, open: () => stream }, signal),
  )
  return { [Symbol.asyncDispose]: () => here.remove(path) }
}

async function fileOf(from: Elsewhere, path: string, signal: AbortSignal): Promise<StoredFile> {
  const file = (await from.store.list(signal)).find((each) => each.path === path)
  if (file !== undefined) return file
  throw new Gone(`${path} is not in ${from.label} any more.`, {
    reason: 'It may have been pruned since it was listed. Nothing was touched.',
    advice: `${from.listing} lists what there is.`,
  })
}

/** It was pruned since it was listed. */
export class Gone extends Refusal {}

/** What several use at a time is made by the first and disposed of by the last of them. */
class Users {
  readonly #open: () => Promise<AsyncDisposable>
  readonly #using = new Map<string, { users: number; readonly made: Promise<AsyncDisposable> }>()
  #place: Promise<AsyncDisposable> | null = null

  /** `open` makes what all of them need. */
  constructor(open: () => Promise<AsyncDisposable>) {
    this.#open = open
  }

  async use(key: string, make: () => Promise<AsyncDisposable>): Promise<AsyncDisposable> {
    this.#place ??= this.#open()
    const place = this.#place
    const used = this.#using.get(key) ?? { users: 0, made: place.then(make) }
    this.#using.set(key, used)
    used.users += 1
    const leave = async (): Promise<void> => {
      used.users -= 1
      if (used.users > 0) return
      this.#using.delete(key)
      const isLast = this.#using.size === 0
      if (isLast) this.#place = null
      await (await used.made.catch(() => null))?.[Symbol.asyncDispose]()
      if (isLast) await (await place.catch(() => null))?.[Symbol.asyncDispose]()
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
