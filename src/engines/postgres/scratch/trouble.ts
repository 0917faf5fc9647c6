const full = /No space left on device|Disk quota exceeded|could not extend file/u
const noRoom = 'There is no room for the restored database below VERIFICATION_DIR.'

/**
 * The verifier's own trouble: it says nothing about the backup. Whatever a full disk made fail, the
 * message says first that it is full: a server ends of it, and its clients only hear that it did.
 */
export class ScratchTrouble extends Error {
  override readonly name = 'ScratchTrouble'
  /** The last lines of the server's log, or of the program that failed. */
  readonly log: readonly string[]

  constructor(message: string, { log = [] }: { readonly log?: readonly string[] } = {}) {
    const isFull = mentionsFullDisk(log)
    super(isFull ? `${noRoom} ${message}` : message)
    this.log = log
  }
}

export function mentionsFullDisk(lines: readonly string[]): boolean {
  return lines.some((line) => full.test(line))
}
