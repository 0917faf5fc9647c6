import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type Notice, noticeKinds } from '../model/index.ts'
import {
  explainingDiskErrors,
  isCode,
  type Modes,
  makeFolder,
  writeFileDurably,
} from '../platform/index.ts'

/** A notice that is still to be delivered. */
export interface Kept {
  /** The name of the channel; never its address. */
  readonly channel: string
  readonly notice: Notice
}

/** One that this process alone has in hand; `settle` or `putBack` ends that. */
export interface InHand extends Kept {
  /** It was delivered, or nobody needs it any more. */
  readonly settle: () => Promise<void>
  readonly putBack: () => Promise<void>
}

export interface OutboxOptions {
  /** Absolute. Created with the first notice that is kept. */
  readonly folder: string
  readonly modes: Modes
}

/** More than these, and the oldest go: a channel that is gone for good must not fill the volume. */
const mostKept = 500
const weekMs = 7 * 86_400_000
/** Whoever has had one in hand for so long was killed. */
const longestInHandMs = 15 * 60_000
const ending = '.json'
const inHandEnding = '.in-hand'

/** What could not be delivered, a file each. Several processes may use it at once. */
export class Outbox {
  readonly #folder: string
  readonly #modes: Modes

  constructor({ folder, modes }: OutboxOptions) {
    this.#folder = folder
    this.#modes = modes
  }

  /**
   * Durable when it settles.
   * @returns how many older ones had to go.
   * @throws {Refusal} when the volume does not let us; here and below.
   */
  async keep(kept: Kept): Promise<number> {
    return await explainingDiskErrors(`Writing to ${this.#folder}`, () => this.#keep(kept))
  }

  async #keep({ channel, notice }: Kept): Promise<number> {
    await makeFolder(this.#folder, this.#modes.folder)
    const name = `${notice.at.getTime()}-${randomBytes(6).toString('hex')}${ending}`
    const text = JSON.stringify({ version: 1, channel, notice })
    await writeFileDurably(join(this.#folder, name), text, this.#modes)
    const tooMany = (await this.#names()).slice(0, -mostKept)
    for (const old of tooMany) await rm(join(this.#folder, old), { force: true })
    return tooMany.length
  }

  /** Takes the notices for one channel in hand, one after the other, oldest first. */
  async *take(channel: string, now: Date): AsyncGenerator<InHand> {
    await this.#trying(() => this.#freeAbandoned(now))
    for (const name of await this.#trying(() => this.#names())) {
      const path = join(this.#folder, name)
      const inHand = await this.#trying(() => this.#takeOne(path, channel, now))
      if (inHand === null) continue
      const { settle, putBack } = inHand
      yield {
        ...inHand,
        settle: () => this.#trying(settle),
        putBack: () => this.#trying(putBack),
      }
    }
  }

  /** null: it is not for this channel, nobody needs it any more, or somebody else has it. */
  async #takeOne(path: string, channel: string, now: Date): Promise<InHand | null> {
    const kept = await readKept(path)
    if (kept === null || isOld(kept, now)) {
      await rm(path, { force: true })
      return null
    }
    return kept.channel === channel ? await takeInHand(path, kept, now) : null
  }

  async #trying<Result>(action: () => Promise<Result>): Promise<Result> {
    return await explainingDiskErrors(`Taking notices of before from ${this.#folder}`, action)
  }

  async #freeAbandoned(now: Date): Promise<void> {
    for (const name of await namesIn(this.#folder, inHandEnding)) {
      const path = join(this.#folder, name)
      const since = await touchedAt(path)
      if (since === null || now.getTime() - since < longestInHandMs) continue
      await renameIfThere(path, path.slice(0, -inHandEnding.length))
    }
  }

  async #names(): Promise<readonly string[]> {
    return await namesIn(this.#folder, ending)
  }
}

/** Oldest first; none where there is no folder. */
async function namesIn(folder: string, end: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^\d/u.test(name) && name.endsWith(end))
    return names.toSorted((left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

/** null: somebody else has it, or it is none of ours. */
async function readKept(path: string): Promise<Kept | null> {
  try {
    const { channel, notice } = JSON.parse(await readFile(path, 'utf8')) as Kept
    const at = new Date(notice.at)
    const isOurs = typeof channel === 'string' && noticeKinds.includes(notice.kind)
    return isOurs && !Number.isNaN(at.getTime()) ? { channel, notice: { ...notice, at } } : null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || isCode(error, 'ENOENT')) {
      return null
    }
    throw error
  }
}

function isOld({ notice }: Kept, now: Date): boolean {
  return now.getTime() - notice.at.getTime() > weekMs
}

/** The rename decides who has it. */
async function takeInHand(path: string, kept: Kept, now: Date): Promise<InHand | null> {
  const held = `${path}${inHandEnding}`
  if (!(await renameIfThere(path, held))) return null
  await utimes(held, now, now)
  return {
    ...kept,
    settle: () => rm(held, { force: true }),
    putBack: async () => void (await renameIfThere(held, path)),
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

async function touchedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}
