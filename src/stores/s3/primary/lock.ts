import { allEnded, ownFolder, Refusal } from '../../../model/index.ts'
import {
  type HeldLock,
  hasEnded,
  type LockHolder,
  LockInHand,
  type LockKeeping,
  LockPatience,
  type LockRecord,
  type LockTiming,
  parseLockRecord,
  recordOfThisProcess,
  unhurried,
} from '../../../platform/index.ts'
import type { LockWish } from '../../primary.ts'
import { isAnswer } from '../is-answer.ts'
import { filesBelow } from '../list.ts'
import { keyOf, type Place } from '../place.ts'
import { removeObject } from '../stored.ts'
import { readObject, writeObject } from './small-object.ts'

const folder = `${ownFolder}/locks`
const doing = 'Locking the backups'

/**
 * The lock of a prefix: objects `.catalog/locks/<number>`, of which the one with the highest number
 * tells who has it. Whoever wants it when that one is free, or its holder dead, creates the next
 * number, which `If-None-Match: *` lets only one do. The highest is never removed, so that a number
 * is never given twice to two that look at the same time (docs/decisions/0013).
 */
export async function acquire(place: Place, wish: LockWish): Promise<HeldLock> {
  const { what, signal, clock, timing = unhurried } = wish
  const record = recordOfThisProcess(what, clock.now())
  const patience = new LockPatience(wish)
  for (;;) {
    signal.throwIfAborted()
    const sight = await look(place, signal)
    if (sight !== null && !isFree(sight, place, timing.staleMs)) {
      await patience.wait(holderOf(sight), { isDead: false })
      continue
    }
    const number = (sight?.number ?? 0) + 1
    if (await take(place, { number, record, signal })) {
      return new LockInHand(keepingOf(place, { number, record, timing }))
    }
    // Somebody else was quicker; the next look shows who.
    if (sight !== null) await patience.wait(holderOf(sight), { isDead: true })
  }
}

/** Who holds the lock, or null when nobody alive does. */
export async function read(place: Place): Promise<LockHolder | null> {
  const sight = await look(place, new AbortController().signal)
  if (sight === null || isFree(sight, place, unhurried.staleMs)) return null
  return holderOf(sight)
}

interface Sight {
  readonly number: number
  /** null: given back, or not to be understood. */
  readonly record: LockRecord | null
  readonly isGivenBack: boolean
  /** By the server's clock. */
  readonly touchedAt: Date
}

/** The lock with the highest number; null: there never was one. */
async function look(place: Place, signal: AbortSignal): Promise<Sight | null> {
  const number = (await numbers(place, signal)).at(-1)
  if (number === undefined) return null
  const object = await readObject(place, { path: pathOf(number), doing, signal })
  // Removed since the listing: by one that has a higher number.
  if (object === null) return await look(place, signal)
  const { text, modifiedAt } = object
  return {
    number,
    record: parseLockRecord(text),
    isGivenBack: text === givenBack,
    touchedAt: modifiedAt,
  }
}

/** Lowest first. */
async function numbers(place: Place, signal: AbortSignal): Promise<readonly number[]> {
  const found: number[] = []
  for await (const { path } of filesBelow(place, `${folder}/`, signal)) {
    const number = Number(path.slice(folder.length + 1))
    if (Number.isSafeInteger(number)) found.push(number)
  }
  return found.toSorted((left, right) => left - right)
}

function isFree({ isGivenBack, record, touchedAt }: Sight, place: Place, staleMs: number): boolean {
  const ended = record === null ? null : hasEnded(record)
  if (isGivenBack || ended !== null) return isGivenBack || ended === true
  // A server that does not tell its time is believed to have ours.
  const now = place.serverTime.now() ?? new Date()
  return Math.abs(now.getTime() - touchedAt.getTime()) > staleMs
}

function holderOf({ record, touchedAt }: Sight): LockHolder {
  return { record, lastSignAt: touchedAt }
}

interface Taking {
  readonly number: number
  readonly record: LockRecord
  readonly signal: AbortSignal
}

/** Whether it is ours now. */
async function take(place: Place, taking: Taking): Promise<boolean> {
  const { number, signal } = taking
  if (!(await create(place, taking)) && !(await isOurs(place, taking))) return false
  try {
    const [all, isCreatedTwice] = await allEnded([numbers(place, signal), create(place, taking)])
    if (all.at(-1) !== number) {
      // What we looked at was long ago: others have come and gone since.
      await remove(place, number, signal)
      return false
    }
    if (isCreatedTwice) throw noConditions(place)
    await allEnded(all.slice(0, -1).map((old) => remove(place, old, signal)))
    return true
  } catch (error) {
    await write(place, { ...taking, text: givenBack, signal: new AbortController().signal })
    throw error
  }
}

/** false: there is one of this number. */
async function create(place: Place, { number, record, signal }: Taking): Promise<boolean> {
  try {
    await write(place, { number, text: JSON.stringify(record), signal, isNew: true })
    return true
  } catch (error) {
    const isTaken = isAnswer(error, 'PreconditionFailed', 'ConditionalRequestConflict')
    if (isTaken) return false
    throw error
  }
}

/** The answer to our own request may have been lost, and its repetition refused. */
async function isOurs(place: Place, { number, record, signal }: Taking): Promise<boolean> {
  const object = await readObject(place, { path: pathOf(number), doing, signal })
  return object !== null && parseLockRecord(object.text)?.token === record.token
}

interface Writing {
  readonly number: number
  readonly text: string
  readonly signal: AbortSignal
  readonly isNew?: boolean
}

async function write(place: Place, { number, ...lock }: Writing): Promise<void> {
  await writeObject(place, { path: pathOf(number), doing, ...lock })
}

async function remove(place: Place, number: number, signal: AbortSignal): Promise<void> {
  await removeObject({ place, doing, signal, key: keyOf(place, pathOf(number)) })
}

const givenBack = '{"givenBack":true}'

function pathOf(number: number): string {
  return `${folder}/${String(number).padStart(12, '0')}`
}

/** A run that is to end must not wait for a server that is away. */
const longestReleaseMs = 5_000

interface Holding {
  readonly number: number
  readonly record: LockRecord
  readonly timing: LockTiming
}

function keepingOf(place: Place, { number, record, timing }: Holding): LockKeeping {
  return {
    timing,
    isOurs: async () =>
      (await numbers(place, AbortSignal.timeout(timing.staleMs))).at(-1) === number,
    async touch() {
      const signal = AbortSignal.timeout(timing.staleMs)
      await write(place, { number, text: JSON.stringify(record), signal })
    },
    async giveBack(lost) {
      if (lost) return
      try {
        const signal = AbortSignal.timeout(longestReleaseMs)
        await write(place, { number, text: givenBack, signal })
      } catch (error) {
        // Others see that this process has ended, or in two minutes that it is silent.
        if (!(error instanceof Refusal)) throw error
      }
    },
  }
}

function noConditions({ server }: Place): Refusal {
  return new Refusal(`${server} cannot keep the lock of the backups.`, {
    reason: 'It creates an object that is there already, although If-None-Match: * forbids it.',
    advice:
      'Use a server with conditional writes (Amazon S3, Ceph, MinIO), or set BACKUP_DIR to a folder and copy to S3 as a mirror.',
  })
}
