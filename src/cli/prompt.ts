import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

interface Asking {
  readonly input: NodeJS.ReadStream
  readonly signal: AbortSignal
  /** Shows nothing of what is typed. */
  readonly hidden?: boolean
}

/**
 * Asks for a line on the terminal. Ctrl-C ends the program, as it does anywhere else.
 * @returns null at the end of input (Ctrl-D, a closed terminal): nobody answered.
 */
export async function prompt(
  question: string,
  { input, signal, hidden = false }: Asking,
): Promise<string | null> {
  if (input.readableEnded) return null
  const output = hidden
    ? new Writable({ write: (_chunk, _encoding, done) => done() })
    : process.stderr
  if (hidden) process.stderr.write(question)
  const reader = createInterface({ input, output, terminal: true, historySize: 0 })
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const { promise: end, resolve } = Promise.withResolvers<null>()
  reader.once('close', () => resolve(null))
  try {
    return await Promise.race([reader.question(hidden ? '' : question, { signal }), end])
  } catch (error) {
    signal.throwIfAborted()
    // How the reader calls a Ctrl-D while it waits.
    if (error instanceof Error && error.name === 'AbortError') return null
    throw error
  } finally {
    reader.close()
    if (hidden) process.stderr.write('\n')
  }
}
