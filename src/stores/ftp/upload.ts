import { Refusal, type Source } from '../../model/index.ts'
import { CannotResume, type FtpClient } from './client.ts'
import { isAbsent } from './errors.ts'
import { sizeOf } from './files.ts'
import { publish } from './publish.ts'

/** One file on its way to the server, over as many connections as it takes. */
export class Upload {
  readonly path: string
  readonly partial: string
  readonly #source: Source
  /** Whether something of this upload may be on the server. */
  begun = false
  /** How far the source was read, from its start. */
  reached = 0
  /** The source broke; nothing about the server. */
  failure: { readonly error: unknown } | null = null
  /** Where the source ends, once it was read so far. */
  #end: number | null = null
  #isOpen = false
  #isRenaming = false
  #canResume = true

  constructor(path: string, partial: string, source: Source) {
    this.path = path
    this.partial = partial
    this.#source = source
  }

  get mayGoOn(): boolean {
    const canRead = this.#length !== null || !this.#isOpen
    return this.failure === null && this.begun && canRead
  }

  /** null: nobody knows yet. A source without a known length cannot be read again. */
  get #length(): number | null {
    return this.#source.bytes ?? this.#end
  }

  /** Sends what the server lacks, and gives the file its name once all of it is there. */
  async attempt(client: FtpClient): Promise<void> {
    const start = this.begun ? await this.#heldSoFar(client) : 0
    if (start === 'all') return
    const isSent = start === this.#end || (start > 0 && start === this.#length)
    const bytes = isSent ? start : await this.#send(client, start)
    this.#checkLength(bytes)
    const held = await sizeOf(client, this.partial)
    if (held !== bytes) throw wrongSize(this.path, held, bytes)
    this.#isRenaming = true
    await publish(client, this.partial, this.path)
  }

  /** Bytes of ours on the server; `all`: the connection was lost only after they had their name. */
  async #heldSoFar(client: FtpClient): Promise<number | 'all'> {
    const held = await sizeOf(client, this.partial)
    if (held === null && this.#isRenaming) {
      if ((await sizeOf(client, this.path)) === this.#length) return 'all'
    }
    // More than was sent cannot be ours.
    return this.#canResume && held !== null && held <= this.reached ? held : 0
  }

  async #send(client: FtpClient, start: number): Promise<number> {
    if (this.#source.bytes === null && this.#end !== null) throw this.#gone()
    for (let tries = 1; ; tries += 1) {
      const counted = this.#countedFrom(start)
      this.begun = true
      try {
        await client.store(counted.bytes, this.partial, start)
        return counted.progress.end
      } catch (error) {
        if (error instanceof CannotResume) {
          this.#canResume = false
          return await this.#send(client, 0)
        }
        if (counted.progress.isOpen || !isAbsent(error) || tries === 3) throw error
        await makeFolders(client, this.partial)
      }
    }
  }

  /** The bytes from `start` on; nothing is opened before the server asks for the first of them. */
  #countedFrom(start: number): Counted {
    const progress = { end: start, isOpen: false }
    return { progress, bytes: this.#read(start, progress) }
  }

  async *#read(start: number, progress: Progress): AsyncGenerator<Uint8Array> {
    progress.isOpen = true
    this.#isOpen = true
    for await (const chunk of this.#noticingFailure(this.#source.open(start))) {
      progress.end += chunk.length
      this.reached = Math.max(this.reached, progress.end)
      yield chunk
    }
    this.#end = progress.end
  }

  /** Not by `catch` around the loop, into which the connection throws its own failures. */
  #noticingFailure(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const items = source[Symbol.asyncIterator]()
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      try {
        return await items.next()
      } catch (error) {
        this.failure = { error }
        throw error
      }
    }
    const stop = async (): Promise<IteratorResult<Uint8Array>> =>
      (await items.return?.()) ?? { done: true, value: undefined }
    return { [Symbol.asyncIterator]: () => ({ next, return: stop }) }
  }

  #gone(): Refusal {
    return new Refusal(`The connection was lost before all of ${this.path} was sent.`, {
      reason: 'What it was made from can be read only once.',
      advice: 'It is tried again later.',
      mayPass: true,
    })
  }

  #checkLength(bytes: number): void {
    const promised = this.#source.bytes
    if (promised === null || promised === bytes) return
    const error = new Error(`${this.path} came as ${bytes} bytes and not as ${promised}.`)
    this.failure = { error }
    throw error
  }
}

interface Progress {
  /** Where the last byte that was read ends, counted from the start of the source. */
  end: number
  isOpen: boolean
}

interface Counted {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly progress: Progress
}

async function makeFolders(client: FtpClient, path: string): Promise<void> {
  const folders = path.split('/').slice(0, -1)
  for (const [at] of folders.entries()) {
    // One that is there is refused, too; that it could not be made is seen when a file is put in it.
    await client.sendIgnoringError(`MKD ${folders.slice(0, at + 1).join('/')}`)
  }
}

function wrongSize(path: string, held: number | null, bytes: number): Refusal {
  return new Refusal(`The FTP server kept ${held ?? 'none'} of ${bytes} bytes of ${path}.`, {
    reason: 'It called the transfer complete.',
    advice: 'It is tried again later. If that goes on, check the space and health of the server.',
    mayPass: true,
  })
}
