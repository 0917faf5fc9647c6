import type { Appraisal, Backup, Check, Verification } from '../model/index.ts'
import { Refusal, sentencesOf } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** Newest last; older verdicts of one backup are of no use. */
const mostVerifications = 20

/** Puts a verdict on record: in the manifest, or in an appraisal where there is none. */
export async function recordVerification(
  appliance: Appliance,
  backup: Backup,
  verification: Verification,
): Promise<void> {
  await record(appliance, backup, ({ verifications, check }) => ({
    verifications: [...verifications, verification].slice(-mostVerifications),
    check,
  }))
}

/** Puts the outcome of a check on record, in the same places. */
export async function recordCheck(
  appliance: Appliance,
  backup: Backup,
  check: Check,
): Promise<void> {
  await record(appliance, backup, ({ verifications }) => ({ verifications, check }))
}

type Findings = Pick<Appraisal, 'verifications' | 'check'>

/** A verdict that cannot be written down is a warning: it was reached all the same. */
async function record(
  { catalog, tell }: Appliance,
  { path, bytes }: Backup,
  change: (findings: Findings) => Findings,
): Promise<void> {
  try {
    const updated = await catalog.update(path, (manifest) => ({ ...manifest, ...change(manifest) }))
    if (updated !== null) return
    await catalog.appraise({ path, bytes }, (before) => ({ ...before, ...change(before) }))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const text = `The result for ${path} could not be recorded. ${sentencesOf(error.message, error.reason)}`
    tell({ kind: 'warning', database: null, text })
  }
}
