import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Backup, Refusal, type Store } from '../model/index.ts'
import { explainingScratchErrors, makeFolder } from '../platform/index.ts'
import { openVolume, type Primary } from '../stores/index.ts'
import type { Appliance, Fetch } from './appliance.ts'
import { holdOpened, openedPrefix } from './opened-scratch.ts'
import { Users } from './users.ts'

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
    fetch: (backup, { signal, tell }) =>
      users.use(backup.path, () => bring(from, { here, backup, signal, tell })),
  }
}

interface Errand extends Pick<Appliance, 'signal' | 'tell'> {
  readonly here: Primary
  readonly backup: Pick<Backup, 'path' | 'bytes'>
}

async function bring(
  from: Elsewhere,
  { here, backup, signal, tell }: Errand,
): Promise<AsyncDisposable> {
  const { path, bytes } = backup
  tell({ kind: 'fetching', store: from.label, path, bytes })
  try {
    await explainingScratchErrors(from.scratch, `Bringing ${path}`, () =>
      here.put(path, { bytes, open: () => bytesOf(from.store, path, signal) }, signal),
    )
  } catch (error) {
    throw (await isGone(from, path, signal)) ? goneFrom(from, path) : error
  }
  return { [Symbol.asyncDispose]: () => here.remove(path) }
}

/** Opened when they are read: what nobody came to read would stay open. */
async function* bytesOf(
  store: Store,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield* await store.open(path, signal)
}

/** Asked after a failure only: a list for each backup of a store would cost their square. */
async function isGone({ store }: Elsewhere, path: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  try {
    return !(await store.list(signal)).some((file) => file.path === path)
  } catch {
    // The failure before this one tells more.
    return false
  }
}

function goneFrom({ label, listing }: Elsewhere, path: string): Gone {
  return new Gone(`${path} is not in ${label} any more.`, {
    reason: 'It may have been pruned since it was listed. Nothing was touched.',
    advice: `${listing} lists what there is.`,
  })
}

/** It was pruned since it was listed. */
export class Gone extends Refusal {}
