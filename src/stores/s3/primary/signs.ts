import { Refusal, type Signs } from '../../../model/index.ts'
import {
  hasEnded,
  type LockRecord,
  parseLockRecord,
  recordOfThisProcess,
} from '../../../platform/index.ts'
import { filesBelow } from '../list.ts'
import { keyOf, type Place } from '../place.ts'
import { removeObject } from '../stored.ts'
import { readObject, writeObject } from './small-object.ts'

const heartbeatMs = 30_000
const staleMs = 120_000

/** Signs as objects `<folder>/<random>.json`, which are written again while they are held. */
export function signsIn(place: Place, folder: string): Signs {
  return {
    hold: (what) => hold(place, folder, what),
    read: () => read(place, folder),
  }
}

async function hold(place: Place, folder: string, what: string): Promise<AsyncDisposable> {
  const record = recordOfThisProcess(what, place.clock.now())
  const path = `${folder}/${record.token}.json`
  await write(place, path, record)
  let beating = Promise.resolve()
  const beat = (): void => {
    // The server may be away for a moment; the next beat comes soon.
    beating = write(place, path, record).catch(() => undefined)
  }
  const timer = setInterval(beat, heartbeatMs).unref()
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer)
      await beating
      try {
        await remove(place, path)
      } catch (error) {
        // The server is away: the sign falls with this process, or after two minutes of silence.
        if (!(error instanceof Refusal)) throw error
      }
    },
  }
}

async function read(place: Place, folder: string): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  const { signal } = new AbortController()
  for await (const { path, modifiedAt } of filesBelow(place, `${folder}/`, signal)) {
    const object = await readObject(place, { path, doing: `Reading ${path}`, signal })
    const record = object === null ? null : parseLockRecord(object.text)
    if (object === null) continue
    if (isDead(place, record, modifiedAt)) await remove(place, path)
    else if (record !== null) used.add(record.what)
  }
  return used
}

function isDead(place: Place, record: LockRecord | null, touchedAt: Date): boolean {
  const now = place.serverTime.now() ?? new Date()
  const ended = record === null ? null : hasEnded(record)
  return ended ?? Math.abs(now.getTime() - touchedAt.getTime()) > staleMs
}

async function write(place: Place, path: string, record: LockRecord): Promise<void> {
  const { signal } = new AbortController()
  const text = JSON.stringify(record)
  await writeObject(place, { path, text, doing: 'Shielding a backup', signal })
}

async function remove(place: Place, path: string): Promise<void> {
  const { signal } = new AbortController()
  await removeObject({ place, doing: `Removing ${path}`, signal, key: keyOf(place, path) })
}
