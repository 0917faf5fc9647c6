/** A program to run, as data: composed purely, compared in tests, run in one place. */
export interface Command {
  /** A name to look up on the PATH of `environment`, or an absolute path. */
  readonly program: string
  /** Visible to every user of the machine, so never a secret. */
  readonly args: readonly string[]
  /** All that the program gets to see; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>
  /** Who runs it, when not this process's own user; only root may choose. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Where it runs; default: where this process does. */
  readonly folder?: string
  /** Hears what it writes to stderr as it comes, for programs that tell there how far they are. */
  readonly onStderr?: (chunk: Buffer) => void
}
