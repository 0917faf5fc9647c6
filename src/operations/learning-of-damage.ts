import {
  type Backup,
  type ConfiguredDatabase,
  firstError,
  Refusal,
  sentencesOf,
} from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { chooseBackup } from './choose-backup.ts'
import { recordCheck } from './record-findings.ts'

interface Subject {
  readonly backup: Backup
  /** Whose backup was asked for. */
  readonly source: ConfiguredDatabase
}

/**
 * Does what reads a backup whole. When that turns out to be damaged, this is put on record, so that
 * nobody chooses it again, and the refusal names the one that would be chosen now.
 */
export async function learningOfDamage<Result>(
  appliance: Appliance,
  subject: Subject,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read()
  } catch (thrown) {
    appliance.signal.throwIfAborted()
    const error = firstError(thrown)
    if (!(error instanceof Refusal) || !error.isDamage) throw thrown
    const { message, reason, advice } = error
    const at = appliance.clock.now().toISOString()
    const problem = sentencesOf(message, reason)
    await recordCheck(appliance, subject.backup, { ok: false, at, problem })
    const next = await nextTo(appliance, subject)
    if (next === null) throw thrown
    const unchecked = next.quality === 'good' ? '' : ', which nobody has checked'
    throw new Refusal(message, {
      reason: sentencesOf(reason, `The newest other one${unchecked}: -f ${next.path}`),
      advice,
      isDamage: true,
      cause: thrown,
    })
  }
}

/** null: there is none, or nobody could record that this one is bad. */
async function nextTo(appliance: Appliance, { backup, source }: Subject): Promise<Backup | null> {
  try {
    const wish = { database: source, filter: null, at: null }
    const { backup: next } = await chooseBackup(appliance, wish)
    return next.path === backup.path ? null : next
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
