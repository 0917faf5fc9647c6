import { type ConfiguredDatabase, Refusal, type Verification } from '../model/index.ts'

/** What a verification of one database came to. */
interface Outcome {
  readonly verification: Verification
  /** That the newest backup is bad, and an older one was verified; null otherwise. */
  readonly newestBad: string | null
}

/** Whether it is good enough for exit status 0: the newest backup that there is was proved. */
export function isProof({ verification, newestBad }: Outcome): boolean {
  return isGood(verification) && newestBad === null
}

function isGood({ verdict }: Verification): boolean {
  return verdict === 'verified' || verdict === 'verified-with-exceptions'
}

/** What goes on record of one that is no proof. */
export function refusalFor(
  { spec }: ConfiguredDatabase,
  { verification, newestBad }: Outcome,
): Refusal {
  const { verdict, differences } = verification
  if (newestBad !== null && isGood(verification)) {
    const reason = 'Only an older one could be verified.'
    return new Refusal(newestBad, { reason, advice: 'Take a new backup.' })
  }
  const what = verdict === 'failed' ? 'failed' : 'was not possible'
  return new Refusal(`The verification of ${spec.written} ${what}.`, {
    reason: differences.join('; '),
    advice:
      verdict === 'failed'
        ? 'Look at the differences, and take a new backup.'
        : 'Put right what the reason names; the backup itself was not found to be bad.',
  })
}
