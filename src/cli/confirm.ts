import { createInterface } from 'node:readline/promises'
import { Refusal } from '../model/index.ts'

export interface Consent {
  /** `--yes`, or ASSUME_YES_WITHOUT_TTY where there is no terminal. */
  readonly given: boolean
  readonly input: NodeJS.ReadStream
  readonly signal: AbortSignal
}

/**
 * Asks a yes-or-no question on the terminal; anything but yes, and the end of input, is no. Without
 * a terminal nobody is taken to have agreed (the original took the end of input for consent).
 * @throws {Refusal} exit status 2, when there is nobody to ask.
 */
export async function ask(question: string, { given, input, signal }: Consent): Promise<boolean> {
  if (given) return true
  if (!input.isTTY) throw nobodyToAsk()
  if (input.readableEnded) return false
  // Left to the terminal, so that Ctrl-C is the signal that it is everywhere else.
  const reader = createInterface({ input, output: process.stderr, terminal: false })
  const { promise: end, resolve } = Promise.withResolvers<string>()
  reader.once('close', () => resolve(''))
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), end])
    return ['y', 'yes'].includes(answer.trim().toLowerCase())
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    reader.close()
  }
}

/** To be called before anything is done that will need an answer. */
export function refuseWithoutAnswer({ given, input }: Consent): void {
  if (!given && !input.isTTY) throw nobodyToAsk()
}

function nobodyToAsk(): Refusal {
  return new Refusal('This needs a confirmation, and there is no terminal to ask on.', {
    advice: 'Add --yes, or set ASSUME_YES_WITHOUT_TTY=yes for scripts that rely on it.',
    exitStatus: 2,
    isTyped: true,
  })
}
