import { dirname } from 'node:path'
import {
  inProgressPathOf,
  ownFolder,
  printBackupName,
  type Records,
  sourceOf,
} from '../../../model/index.ts'
import type { HeldLock } from '../../../platform/index.ts'
import { firstFree } from '../../free-name.ts'
import type { LockWish, Primary } from '../../primary.ts'
import { filesBelow, listBackups, listRecords } from '../list.ts'
import { open } from '../open.ts'
import type { S3Options } from '../options.ts'
import type { Place } from '../place.ts'
import { put } from '../put.ts'
import { placeOf, remove } from '../s3.ts'
import { acquire, read } from './lock.ts'
import { NewBackups } from './new-backups.ts'
import { S3Records } from './records.ts'
import { forRecords, writeObject } from './small-object.ts'
import { usageOf } from './usage.ts'

export interface S3PrimaryOptions extends S3Options {
  /** A folder of this machine; absolute. */
  readonly scratch: string
}

export interface S3Primary extends Primary {
  readonly records: Records
}

/** Backups straight in a bucket, under the paths that they would have on a volume. */
export async function openS3Primary(options: S3PrimaryOptions): Promise<S3Primary> {
  // Whoever has the lock has much to lose; a reader wants to hear soon that nobody answers.
  const writers = new Set<LockWish>()
  const place: Place = {
    ...(await placeOf(options, () => writers.size > 0)),
    bucketFrom: 'BACKUP_DIR',
  }
  const own = forRecords(place)
  const root = ['s3:/', options.bucket, ...(options.prefix === '' ? [] : [options.prefix])].join(
    '/',
  )
  const backups = new NewBackups(place)
  const label = (path: string): string => (path === '' ? root : `${root}/${path}`)
  return {
    name: 'volume',
    root,
    scratch: options.scratch,
    records: new S3Records(own, root),
    isLocal: false,
    absolute: (path) => {
      throw new TypeError(`${path} is in a bucket, not on this machine.`)
    },
    label,
    list: (signal) => listBackups(place, signal),
    listRecords: (signal) => listRecords(place, signal),
    open: async (path, signal) => {
      const small = backups.small(path)
      return small === null ? await open(place, path, { signal }) : sourceOf(small).open(0)
    },
    openAt: (path, start, signal) => openAt(place, path, { start, signal }),
    put: (path, source, signal) => put(place, path, { source, signal }),
    remove: (path, signal = new AbortController().signal) => remove(place, path, signal),
    listPartials: (signal) => backups.listPartials(signal),
    freeName: async (name) => firstFree(name, await takenIn(place, dirname(printBackupName(name)))),
    async begin(name) {
      const free = firstFree(name, await takenIn(place, dirname(printBackupName(name))))
      const path = printBackupName(free)
      return { state: 'open', path, partialPath: inProgressPathOf(path) }
    },
    write: (backup, source, how) => backups.write(backup, source, how),
    seal: (backup, manifest, save) => backups.seal(backup, manifest, save),
    discard: (backup) => backups.discard(backup),
    removeLeftovers: (isOurs) => backups.removeLeftovers(isOurs),
    async acquireLock(wish) {
      writers.add(wish)
      try {
        const lock = await acquire(own, wish)
        return whenReleased(lock, () => writers.delete(wish))
      } catch (error) {
        writers.delete(wish)
        throw error
      }
    },
    readLock: () => read(own),
    probe: () => probe(own),
    exists: async () => true,
    usage: async (signal) => usageOf(await listBackups(place, signal), label),
    space: async () => null,
  }
}

function whenReleased(lock: HeldLock, then: () => void): HeldLock {
  const release = async (): Promise<void> => {
    await lock.release()
    then()
  }
  return { lost: lock.lost, release, [Symbol.asyncDispose]: release }
}

async function takenIn(place: Place, folder: string): Promise<ReadonlySet<string>> {
  const taken = new Set<string>()
  const { signal } = new AbortController()
  for await (const { path } of filesBelow(place, `${folder}/`, signal)) taken.add(path)
  return taken
}

async function* openAt(
  place: Place,
  path: string,
  from: { readonly start: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  yield* await open(place, path, from)
}

/** A monitor asks often and waits for little. */
const probeMs = 20_000

async function probe(place: Place): Promise<true> {
  const path = `${ownFolder}/probe`
  const signal = AbortSignal.timeout(probeMs)
  await writeObject(place, { path, text: 'x', doing: 'Writing to the bucket', signal })
  await remove(place, path, signal)
  return true
}
