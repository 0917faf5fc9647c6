import type { Output } from './screen.ts'

/**
 * A stream of the process as an output. A reader that goes away (`backup.sh -l | head`, a closed
 * terminal) must not end a backup.
 * @param through what may leave of a text; null: somebody else shows it.
 */
export function streamOutput(
  stream: NodeJS.WriteStream,
  through: (text: string) => string | null,
): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
  return {
    write: (text) => {
      const shown = through(text)
      if (shown !== null) stream.write(shown)
    },
    isTerminal: stream.isTTY,
    get columns() {
      return stream.columns ?? 0
    },
    get rows() {
      return stream.rows ?? 0
    },
  }
}
