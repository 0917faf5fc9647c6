/** Exit statuses are a promise to scripts (design section 3): add one, never renumber. */
export const exitStatus = {
  good: 0,
  failed: 1,
  usage: 2,
  locked: 3,
  defect: 70,
  interrupted: 130,
  terminated: 143,
} as const

export type RefusalStatus =
  | typeof exitStatus.failed
  | typeof exitStatus.usage
  | typeof exitStatus.locked
  | typeof exitStatus.interrupted
  | typeof exitStatus.terminated

export interface Account {
  /** Why it happened; empty when the message already says it. */
  readonly reason?: string
  /** What the reader can do now. */
  readonly advice: string
  readonly exitStatus?: RefusalStatus
  /** True: nobody needs to do anything for another try to succeed, as after an outage. */
  readonly mayPass?: boolean
  /** True: nothing else can be done in that store either, as with a wrong password. */
  readonly concernsStore?: boolean
  /** True: the bytes of an archive are not what they should be; another one may do. */
  readonly isDamage?: boolean
  /** True: what was typed or answered is the reason; who did so sees it, and nobody else need hear. */
  readonly isTyped?: boolean
  readonly cause?: unknown
}

/** The advice on an archive that is damaged, for the command line; other faces say it by their keys. */
export const chooseAnotherBackup =
  'Choose another backup with -f or --at; backup.sh -l lists what there is.'

/**
 * Something that the user can act on: what happened (`message`), why, and what to do.
 * Thrown once, shown once at the door, without a stack. Any other error is a defect of ours.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: string
  readonly advice: string
  readonly exitStatus: RefusalStatus
  readonly mayPass: boolean
  readonly concernsStore: boolean
  readonly isDamage: boolean
  readonly isTyped: boolean

  constructor(message: string, account: Account) {
    const { reason = '', advice, exitStatus: status = 1, mayPass = false, cause } = account
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.advice = advice
    this.exitStatus = status
    this.mayPass = mayPass
    this.concernsStore = account.concernsStore ?? false
    this.isDamage = account.isDamage ?? false
    this.isTyped = account.isTyped ?? false
  }
}

/** Texts as sentences on one line: each that ends with a letter or a figure gets its full stop. */
export function sentencesOf(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim().replaceAll(/\s*\n\s*/gu, ' '))
    .filter((text) => text !== '')
    .map((text) => (/[.!?…:;](?:["'”)\]])*$/u.test(text) ? text : `${text}.`))
    .join(' ')
}

/** What happened, why, and what to do, in sentences on one line. */
export function accountLine(error: unknown): string {
  const { message, reason, advice } = accountOf(error)
  return sentencesOf(message, reason, advice)
}

/**
 * The error that came first: what closes after a failure may fail as well, and tells less. Errors
 * of `using` hide it.
 */
export function firstError(error: unknown): unknown {
  return error instanceof SuppressedError ? firstError(error.suppressed) : error
}

/** What it says of itself; anything may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A plain account of any error, for documents and JSON: `{message, reason, advice}`. */
export function accountOf(thrown: unknown): { message: string; reason: string; advice: string } {
  const error = firstError(thrown)
  if (error instanceof Refusal) {
    return { message: error.message, reason: error.reason, advice: error.advice }
  }
  return {
    message: messageOf(error),
    reason: 'This is a defect of backup-container.',
    advice: 'Please report it, with the lines above it in the log.',
  }
}
