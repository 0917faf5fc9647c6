import { dirname } from 'node:path'
import { ownFolder, type Reading, type Records } from '../../../model/index.ts'
import { filesBelow, foldersIn } from '../list.ts'
import { keyOf, type Place } from '../place.ts'
import { removeObject } from '../stored.ts'
import { signsIn } from './signs.ts'
import { readObject, writeObject } from './small-object.ts'

/** Requests under way at a time. */
const atOnce = 48

interface Known {
  readonly etag: string
  readonly reading: Reading
}

/**
 * Records as objects below `.catalog/` of the prefix. What was read once is not read again as long
 * as the listing says that it is the same: a process that lives long asks for what is new only.
 */
export class S3Records implements Records {
  readonly #place: Place
  readonly #root: string
  readonly #known = new Map<string, Known>()
  readonly #etags = new Map<string, string>()

  /** @param root the place in words for people: `s3://bucket/prefix`. */
  constructor(place: Place, root: string) {
    this.#place = place
    this.#root = root
  }

  label(path: string): string {
    return `${this.#root}/${ownFolder}/${path}`
  }

  async names(folder: string): Promise<readonly string[]> {
    const start = `${ownFolder}/${folder}/`
    const names: string[] = []
    // What is not listed any more must not seem to be as it was.
    for (const path of this.#etags.keys()) {
      if (dirname(path) === folder) this.#etags.delete(path)
    }
    for await (const { path, etag } of filesBelow(this.#place, start, soon())) {
      const name = path.slice(start.length)
      if (name.includes('/')) continue
      this.#etags.set(`${folder}/${name}`, etag)
      names.push(name)
    }
    return names
  }

  async folders(folder: string): Promise<readonly string[]> {
    return await foldersIn(this.#place, `${ownFolder}/${folder}`, soon())
  }

  async read(path: string): Promise<Reading | null> {
    const asked = { path: `${ownFolder}/${path}`, doing: `Reading ${path}`, signal: soon() }
    const object = await readObject(this.#place, asked)
    if (object === null) {
      this.#known.delete(path)
      return null
    }
    const reading = { text: object.text }
    this.#known.set(path, { etag: object.etag, reading })
    return reading
  }

  async *readMany(
    paths: readonly string[],
  ): AsyncGenerator<readonly [path: string, reading: Reading]> {
    for (let at = 0; at < paths.length; at += atOnce) {
      const some = paths.slice(at, at + atOnce)
      const readings = await Promise.all(some.map((path) => this.#readIfNew(path)))
      for (const [index, path] of some.entries()) {
        const reading = readings[index] ?? null
        if (reading !== null) yield [path, reading]
      }
    }
  }

  async write(path: string, text: string): Promise<void> {
    const object = { path: `${ownFolder}/${path}`, text, doing: `Storing ${path}`, signal: soon() }
    await writeObject(this.#place, object)
    this.#known.delete(path)
    this.#etags.delete(path)
  }

  async remove(path: string): Promise<void> {
    const key = keyOf(this.#place, `${ownFolder}/${path}`)
    await removeObject({ place: this.#place, doing: `Removing ${path}`, signal: soon(), key })
    this.#known.delete(path)
    this.#etags.delete(path)
  }

  async tidy(): Promise<void> {
    // Objects are whole or not there, and nothing is left of those that were removed.
  }

  signs(folder: string): ReturnType<typeof signsIn> {
    return signsIn(this.#place, `${ownFolder}/${folder}`)
  }

  async #readIfNew(path: string): Promise<Reading | null> {
    const known = this.#known.get(path)
    const isSame = known !== undefined && known.etag === this.#etags.get(path)
    return isSame ? known.reading : await this.read(path)
  }
}

/** Small requests must not keep a run that has to end. */
const longestMs = 60_000

function soon(): AbortSignal {
  return AbortSignal.timeout(longestMs)
}
