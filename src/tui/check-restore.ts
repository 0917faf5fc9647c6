import { adminCredentials, describeDatabase } from '../config/index.ts'
import { type Credentials, exitStatus, Refusal, Secret } from '../model/index.ts'
import { type Appliance, planRestore, viewOfStore, warningsOnChoice } from '../operations/index.ts'
import { errorLines } from './event-lines.ts'
import type { RestoreCheck, RestoreDraft } from './restore-draft.ts'

/** Whether a restore can be done, by a look at the whole archive and the server. Touches nothing. */
export async function checkRestore(
  appliance: Appliance,
  draft: RestoreDraft,
): Promise<RestoreCheck> {
  const { source, backup, roles, keepOld, inPlace, ignoreErrors } = draft
  try {
    const target = await describeDatabase(appliance.configuration, draft.target.trim())
    if (target.spec.engine !== source.spec.engine) throw otherKind(draft)
    const admin = adminOf(appliance, draft)
    const flags = { roles, keepOld, inPlace, ignoreErrors }
    const request = { source, backup, target, admin, trigger: 'user', ...flags } as const
    const view = await viewOfStore(appliance, draft.from)
    const known = await warningsOnChoice(view, source, backup)
    const plan = await planRestore(view, request)
    return { state: 'possible', target, plan: { ...plan, warnings: [...known, ...plan.warnings] } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { state: 'refused', lines: errorLines(error) }
  }
}

export function adminOf(
  { configuration }: Appliance,
  { password }: Pick<RestoreDraft, 'password'>,
): Credentials | null {
  return adminCredentials(configuration.settings, password === '' ? null : new Secret(password))
}

function otherKind({ target, source }: RestoreDraft): Refusal {
  return new Refusal(`${target} is no ${source.spec.engine} database.`, {
    advice: 'Restore to a database of the same kind.',
    exitStatus: exitStatus.usage,
  })
}
