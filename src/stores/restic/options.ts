/** What a restic store needs to know. Plain values: this room reads no settings. */
export interface ResticOptions {
  /**
   * All that restic gets to see: where programs are, RESTIC_REPOSITORY, RESTIC_PASSWORD, the
   * credentials of the place. Nothing of it ever becomes an argument.
   */
  readonly environment: Readonly<Record<string, string>>
  /** Whose snapshots these are: only those of this host are ours to list and to forget. */
  readonly host: string
  /** Further tags of every snapshot, without commas. */
  readonly tags: readonly string[]
  /** How long to wait for others to unlock the repository, in milliseconds. Default: a minute. */
  readonly lockWaitMs?: number
  /** How long a short command may take, in milliseconds. Default: ten minutes. */
  readonly answerMs?: number
  /** Give up when restic takes or gives no byte for so long, in milliseconds. Default: 30 min. */
  readonly stallMs?: number
}
