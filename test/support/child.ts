import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url))

/** A TypeScript file that runs in a process of its own, as the product's Node would run it. */
export interface TestChild extends AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams
  /** Settles at its next whole line on stdout; rejects when it ends before. */
  line(): Promise<string>
  /** Ends its stdin. */
  letGo(): void
  /** Settles when it has ended: its exit status or the signal that ended it, and all it said. */
  readonly ended: Promise<ChildEnding>
}

export interface ChildEnding {
  readonly status: number | NodeJS.Signals
  readonly stdout: string
  readonly stderr: string
}

/** `script` is an absolute path; `preload` runs before it. Killed, if need be, on disposal. */
export function startTestChild(
  script: string,
  args: readonly string[],
  { preload, env = {} }: { preload?: string; env?: Readonly<Record<string, string>> } = {},
): TestChild {
  const preloads = preload === undefined ? [] : ['--import', preload]
  const child = spawn(node, [...preloads, script, ...args], { env: { ...process.env, ...env } })
  const said = new Lines()
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.add(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code, signal]): ChildEnding => {
    said.end(stderr)
    return { status: (code ?? signal) as number | NodeJS.Signals, stdout: said.all, stderr }
  })
  return {
    process: child,
    line: () => said.next(),
    letGo: () => child.stdin.end(),
    ended,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL')
      await ended
    },
  }
}

class Lines {
  all = ''
  #read = 0
  #error: Error | null = null
  #arrived = Promise.withResolvers<void>()

  add(text: string): void {
    this.all += text
    this.#wake()
  }

  end(stderr: string): void {
    this.#error = new Error(`The child ended without another line. ${stderr}`)
    this.#wake()
  }

  async next(): Promise<string> {
    for (;;) {
      const end = this.all.indexOf('\n', this.#read)
      if (end !== -1) {
        const line = this.all.slice(this.#read, end)
        this.#read = end + 1
        return line
      }
      if (this.#error !== null) throw this.#error
      await this.#arrived.promise
    }
  }

  #wake(): void {
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers<void>()
  }
}
