import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

interface Asking {
  readonly input: NodeJS.ReadStream
  readonly signal: AbortSignal
  /** Shows nothing of what is typed. */
  readonly hidden?: boolean
}

/** Asks for a line on the terminal. Ctrl-C ends the program, as it does anywhere else. */
export async function prompt(
  question: string,
  { input, signal, hidden = false }: Asking,
): Promise<string> {
  const output = hidden
    ? new Writable({ write: (_chunk, _encoding, done) => done() })
    : process.stderr
  if (hidden) process.stderr.write(question)
  const reader = createInterface({ input, output, terminal: true, historySize: 0 })
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await reader.question(hidden ? '' : question, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    reader.close()
    if (hidden) process.stderr.write('\n')
  }
}
