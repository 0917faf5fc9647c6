import type { Account } from '../../model/index.ts'
import { Refusal } from '../../model/index.ts'
import { ProcessFailure } from '../../platform/index.ts'

type Kind = 'missing' | 'locked' | 'other'

interface Problem extends Account {
  /** Exit status of restic 0.17 and newer; older ones end with 1 for everything. */
  readonly exitCode?: number
  readonly says: RegExp
  readonly kind?: Kind
  readonly reason: string
}

/**
 * How each kind of place says that there is no repository. An answer that is not here is never
 * taken for one: a repository must not be made because a network failed.
 */
const noConfig = new RegExp(
  [
    'unable to open config file: .*',
    '(?:/config: no such file or directory|file does not exist|<config/> does not exist',
    '|The specified key does not exist',
    "|object doesn't exist|The specified blob does not exist)",
  ].join(''),
  'iu',
)

/** The first that fits, from the most to the least telling. */
const problems: readonly Problem[] = [
  {
    exitCode: 12,
    says: /wrong password or no key found/iu,
    reason: 'The password is not that of the repository.',
    advice: 'Correct RESTIC_PASSWORD, or RESTIC_PASSWORD_FILE.',
    concernsStore: true,
  },
  {
    exitCode: 11,
    says: /already locked/iu,
    kind: 'locked',
    reason: 'Another process or host has locked the repository.',
    advice: 'Wait for it; if there is none, "restic unlock" removes locks that are stale.',
    mayPass: true,
  },
  {
    says: /bucket does not exist|NoSuchBucket/u,
    reason: 'The bucket of the repository does not exist.',
    advice: 'Create it, or correct RESTIC_REPOSITORY.',
    concernsStore: true,
  },
  {
    exitCode: 10,
    says: noConfig,
    kind: 'missing',
    reason: 'There is no restic repository at this place.',
    advice: 'Check RESTIC_REPOSITORY. The first copy makes a repository where there is none.',
  },
  {
    says: /no space left|quota ?exceeded|insufficient ?storage|\b507\b|file too large/iu,
    reason: 'There is no space left at the place of the repository.',
    advice: 'Make room there: larger storage, or a retention that keeps less.',
  },
  {
    says: /x509:|certificate/iu,
    reason: 'The certificate of the server was not accepted.',
    advice: 'Renew it, or give its authority by SSL_CERT_FILE.',
    concernsStore: true,
  },
  {
    says: /permission denied|access ?denied|SignatureDoesNotMatch|InvalidAccessKeyId|access key id you provided|\b40[13]\b|unauthorized|forbidden|read-only file system/iu,
    reason: 'The place of the repository does not let us in, or not write.',
    advice: 'Check the credentials, and the rights on the repository.',
    concernsStore: true,
  },
  {
    says: /connection (?:refused|reset)|no such host|timeout|timed out|unreachable|broken pipe|unexpected EOF|server misbehaving|temporary failure|\b50[0234]\b|connection lost/iu,
    reason: 'The place of the repository could not be reached.',
    advice: 'Check the network and the server; the next cycle tries again.',
    mayPass: true,
  },
]

/** What kind of trouble an error of restic is, for those who can do something about it. */
export function kindOf(error: unknown): Kind {
  return isOfRestic(error) ? (problemIn(error)?.kind ?? 'other') : 'other'
}

interface Explaining {
  /** Whether what fails for good would fail so for everything else, too. Default: no. */
  readonly isOfWhole?: boolean
}

/** What `action` returns; a failure of restic becomes a Refusal that begins with `what`. */
export async function explaining<Result>(
  what: string,
  action: () => Promise<Result>,
  options: Explaining = {},
): Promise<Result> {
  try {
    return await action()
  } catch (error) {
    throw explained(what, error, options)
  }
}

/** The error as a Refusal, when restic is its origin; else as it is. */
export function explained(
  what: string,
  error: unknown,
  { isOfWhole = false }: Explaining = {},
): unknown {
  if (!isOfRestic(error)) return error
  const problem = problemIn(error) ?? unknownProblem(error)
  const { reason, advice, mayPass = false, concernsStore = false } = problem
  return new Refusal(`${what} failed.`, {
    reason: [reason, wordsOf(error)].filter((text) => text !== '').join(' '),
    advice,
    mayPass,
    concernsStore: concernsStore || (isOfWhole && !mayPass),
    cause: error,
  })
}

/** A source may be a program, too, whose words mean something else. */
function isOfRestic(error: unknown): error is ProcessFailure {
  return error instanceof ProcessFailure && error.ending.program === 'restic'
}

function problemIn({ ending }: ProcessFailure): Problem | undefined {
  const text = ending.stderr.join('\n')
  const byStatus = problems.find(({ exitCode }) => exitCode === ending.exitCode)
  return byStatus ?? problems.find(({ says }) => says.test(text))
}

function unknownProblem({ ending, message, stopReason }: ProcessFailure): Problem {
  const says = /$/u
  if (ending.startError !== null) {
    return { says, reason: message, advice: 'Install restic, 0.14 or newer, on the PATH.' }
  }
  const passes = ending.signal !== null || stopReason !== null
  const advice = passes
    ? 'The next cycle tries again; look for a lack of memory or a slow network.'
    : 'Look at the words of restic, and at "restic check".'
  return { says, reason: `${message}.`, advice, mayPass: passes }
}

/** The last lines that restic wrote, without those that only say it again. */
function wordsOf({ ending }: ProcessFailure): string {
  const lines = ending.stderr.map((line) => line.trim()).filter((line) => line !== '')
  return lines.length === 0 ? '' : `restic: ${lines.slice(-4).join(' / ')}`
}
