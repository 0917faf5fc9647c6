/** The verifier's own trouble: it says nothing about the backup. */
export class ScratchTrouble extends Error {
  override readonly name = 'ScratchTrouble'
  /** The last lines of the server's log, or of the program that failed. */
  readonly log: readonly string[]

  constructor(message: string, { log = [] }: { readonly log?: readonly string[] } = {}) {
    super(message)
    this.log = log
  }
}
