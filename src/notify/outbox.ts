import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type Notice, noticeKinds, noticeLevels } from '../model/index.ts'
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
  /** How often it was refused for what is in it. */
  readonly refusals: number
}

/** One that this process alone has in hand; `settle` or `putBack` ends that. */
export interface InHand extends Kept {
  /** It was delivered, or nobody needs it any more. */
  readonly settle: () => Promise<void>
  /** With the count of refusals by now. */
  readonly putBack: (refusals: number) => Promise<void>
}

export interface OutboxOptions {
  /** Absolute. Created with the first notice that is kept. */
  readonly folder: string
  readonly modes: Modes
  /** One line about what is dropped. */
  readonly onProblem: (text: string) => void
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
  readonly #onProblem: (text: string) => void

  constructor({ folder, modes, onProblem }: OutboxOptions) {
    this.#onProblem = onProblem
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

  async #keep({ channel, notice, refusals }: Kept): Promise<number> {
    await makeFolder(this.#folder, this.#modes.folder)
    const name = `${notice.at.getTime()}-${randomBytes(6).toString('hex')}${ending}`
    const text = textOf({ channel, notice, refusals })
    await writeFileDurably(join(this.#folder, name), text, this.#modes)
    const tooMany = (await this.#names()).slice(0, -mostKept)
    for (const old of tooMany) await rm(join(this.#folder, old), { force: true })
    return tooMany.length
  }

  /** How many lie there for one channel. */
  async count(channel: string): Promise<number> {
    return await this.#trying(async () => {
      const all = await Promise.all((await this.#names()).map((name) => this.#read(name)))
      return all.filter((kept) => isKept(kept) && kept.channel === channel).length
    })
  }

  /** Takes the notices for one channel in hand, one after the other, worst first, then oldest. */
  async *take(channel: string, now: Date): AsyncGenerator<InHand> {
    await this.#trying(() => this.#freeAbandoned(now))
    for (const { name, kept } of await this.#trying(() => this.#all(channel, now))) {
      const path = join(this.#folder, name)
      const inHand = await this.#trying(() => this.#takeInHand(path, kept, now))
      if (inHand === null) continue
      const { settle, putBack } = inHand
      yield {
        ...inHand,
        settle: () => this.#trying(settle),
        putBack: (refusals) => this.#trying(() => putBack(refusals)),
      }
    }
  }

  /** What nobody can use any more is removed on the way, with a word. */
  async #all(channel: string, now: Date): Promise<readonly Found[]> {
    const found: Found[] = []
    for (const name of await this.#names()) {
      const kept = await this.#read(name)
      if (kept === 'gone') continue
      const why = kept === 'broken' ? `The file ${name} holds no notice` : reasonToDrop(kept, now)
      if (why !== null) {
        await rm(join(this.#folder, name), { force: true })
        this.#onProblem(`${why}, and was removed from ${this.#folder}.`)
      } else if (isKept(kept) && kept.channel === channel) found.push({ name, kept })
    }
    const rank = ({ kept }: Found): number => noticeLevels.indexOf(kept.notice.level)
    return found.toSorted((left, right) => rank(right) - rank(left))
  }

  async #read(name: string): Promise<Kept | 'broken' | 'gone'> {
    return await readKept(join(this.#folder, name))
  }

  /** The rename decides who has it; null: somebody else. */
  async #takeInHand(path: string, kept: Kept, now: Date): Promise<InHand | null> {
    const held = `${path}${inHandEnding}`
    if (!(await renameIfThere(path, held))) return null
    await utimes(held, now, now)
    return {
      ...kept,
      settle: () => rm(held, { force: true }),
      putBack: async (refusals) => {
        if (refusals !== kept.refusals) {
          await writeFileDurably(held, textOf({ ...kept, refusals }), this.#modes)
        }
        await renameIfThere(held, path)
      },
    }
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

interface Found {
  readonly name: string
  readonly kept: Kept
}

function textOf({ channel, notice, refusals }: Kept): string {
  return JSON.stringify({ version: 1, channel, notice, refusals })
}

/** `gone`: somebody else has it. */
async function readKept(path: string): Promise<Kept | 'broken' | 'gone'> {
  try {
    return keptOf(JSON.parse(await readFile(path, 'utf8')) as Partial<Kept>)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'gone'
    if (error instanceof SyntaxError || error instanceof TypeError) return 'broken'
    throw error
  }
}

function keptOf({ channel, notice, refusals = 0 }: Partial<Kept>): Kept | 'broken' {
  if (typeof channel !== 'string' || notice === undefined) return 'broken'
  const at = new Date(notice.at)
  const isOurs = noticeKinds.includes(notice.kind) && noticeLevels.includes(notice.level)
  if (!isOurs || Number.isNaN(at.getTime())) return 'broken'
  return { channel, notice: { ...notice, at }, refusals }
}

function isKept(kept: Kept | 'broken' | 'gone'): kept is Kept {
  return typeof kept !== 'string'
}

function reasonToDrop({ channel, notice }: Kept, now: Date): string | null {
  if (now.getTime() - notice.at.getTime() <= weekMs) return null
  return `A notice (${notice.kind}) for ${channel} was not delivered within a week`
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
