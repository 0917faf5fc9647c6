import { adminCredentials, describeDatabase, findDatabase } from '../../config/index.ts'
import {
  type ConfiguredDatabase,
  type Credentials,
  exitStatus,
  parseInstant,
  Refusal,
  Secret,
} from '../../model/index.ts'
import {
  type Choice,
  chooseBackup,
  planRestore,
  type RestoreRequest,
  restore as restoreBackup,
  viewOfStore,
} from '../../operations/index.ts'
import { refuseWithoutAnswer } from '../confirm.ts'
import { prompt } from '../prompt.ts'
import {
  type RestoreView,
  restoreDocument,
  restorePlanDocument,
  showRestorePlan,
  showRestoreSettings,
} from '../restore-lines.ts'
import type { Session } from '../session.ts'

export async function restore({ appliance: own, ...others }: Session): Promise<number> {
  const session = { ...others, appliance: await viewOfStore(own, others.request.from) }
  const { request, appliance, screen, input } = session
  const given = isAgreed(session)
  refuseWithoutAnswer({ given: given || request.dryRun, input, signal: appliance.signal })
  const { source, target } = await databasesOf(session)
  appliance.tell({ kind: 'run-planned', databases: [target] })
  const choice = await choose(session, source)
  const view = viewOf(session, { source, target, choice })
  if (!request.json) showRestoreSettings(screen, view)
  for (const text of choice.warnings) screen.tell(`[WARN] - ${text}`, 'yellow')
  if (!given && !request.dryRun) await confirm(session, view)
  const admin = await adminOf(session, target, { ask: !given && (input.isTTY || !request.dryRun) })
  const order = orderOf(session, { source, target, choice, admin })
  return request.dryRun
    ? await showPlan(session, view, order)
    : await carryOut(session, view, order)
}

/** As a script that relies on the original has it: `-s` asks nothing, nor does the lack of a terminal. */
function isAgreed({ request, appliance, input }: Session): boolean {
  const { assumeYesWithoutTty } = appliance.configuration.settings
  return request.yes || request.scheduled || (assumeYesWithoutTty && !input.isTTY)
}

async function showPlan(
  { request, appliance, screen }: Session,
  view: RestoreView,
  order: RestoreRequest,
): Promise<number> {
  const plan = await planRestore(appliance, order)
  if (request.json) screen.document(restorePlanDocument(view, plan))
  else showRestorePlan(screen, view, plan)
  return exitStatus.good
}

async function carryOut(
  { request, appliance, screen }: Session,
  view: RestoreView,
  order: RestoreRequest,
): Promise<number> {
  const result = await restoreBackup(appliance, order)
  if (request.json) screen.document(restoreDocument(view, result))
  return result.report.missing.length === 0 ? exitStatus.good : exitStatus.failed
}

/** Any database may be a target; one that is not configured has no backups but by a filter. */
async function databasesOf({ request, appliance }: Session): Promise<{
  readonly source: ConfiguredDatabase
  readonly target: ConfiguredDatabase
}> {
  const { configuration } = appliance
  const spec = request.restore ?? ''
  const source =
    request.filter === null
      ? findDatabase(configuration, spec)
      : await describeDatabase(configuration, spec)
  const target = request.to === null ? source : await describeDatabase(configuration, request.to)
  if (target.spec.engine === source.spec.engine) return { source, target }
  throw new Refusal(`${target.spec.written} is no ${source.spec.engine} database.`, {
    advice: 'Restore to a database of the same kind.',
    exitStatus: exitStatus.usage,
    isTyped: true,
  })
}

async function choose(
  { request, appliance }: Session,
  database: ConfiguredDatabase,
): Promise<Choice> {
  const { filter } = request
  const at = request.at === null ? null : parseInstant(request.at)
  if (at === null && request.at !== null) {
    throw new Refusal(`"${request.at}" is no time.`, {
      advice: 'Write 2026-11-20, 2026-11-20 13:00 (local time), or 2026-11-20T13:00:00Z.',
      exitStatus: exitStatus.usage,
      isTyped: true,
    })
  }
  return await chooseBackup(appliance, { database, filter, at })
}

interface Chosen {
  readonly source: ConfiguredDatabase
  readonly target: ConfiguredDatabase
  readonly choice: Choice
}

function viewOf({ appliance }: Session, { source, target, choice }: Chosen): RestoreView {
  const { backup } = choice
  const path = appliance.volume.label(backup.path)
  return { source, target, backup, path, now: appliance.clock.now() }
}

function orderOf(
  { request }: Session,
  { source, target, choice, admin }: Chosen & { readonly admin: Credentials | null },
): RestoreRequest {
  const { roles, keepOld, inPlace, ignoreErrors, scheduled } = request
  const trigger = scheduled ? 'schedule' : 'user'
  const { backup } = choice
  const flags = { roles, keepOld, inPlace, ignoreErrors }
  return { backup, source, target, admin, trigger, ...flags }
}

/** Only the name of the database itself is consent: it says which one will be replaced. */
async function confirm({ appliance, input }: Session, { target }: RestoreView): Promise<void> {
  const { database, written } = target.spec
  const question = `This replaces ${written}. Type the name of the database to go on: `
  const answer = await prompt(question, { input, signal: appliance.signal })
  if (answer === null) throw notConfirmed()
  if (answer.trim() === database) return
  throw new Refusal('The name was not typed; nothing was touched.', {
    advice: `To restore, type exactly: ${database}`,
    exitStatus: exitStatus.failed,
    isTyped: true,
  })
}

function notConfirmed(): Refusal {
  return new Refusal('Not confirmed; nothing was touched.', {
    reason: 'The input ended at the question.',
    advice: 'Run it again and answer, or add --yes to be asked nothing.',
    exitStatus: exitStatus.failed,
    isTyped: true,
  })
}

/** `-a`, then ADMIN_PASSWORD, then what is typed; null: the credentials of the database. */
async function adminOf(
  { request, appliance, input }: Session,
  target: ConfiguredDatabase,
  { ask }: { readonly ask: boolean },
): Promise<Credentials | null> {
  const { settings } = appliance.configuration
  const known = adminCredentials(settings, request.adminPassword)
  if (known?.password != null || !ask) return known
  const whose = `ADMIN_USER ${settings.adminUser ?? 'postgres'} on ${target.spec.host}`
  const { user } = target.credentials
  const own = user === null ? 'the user of the database' : `the user of the database, ${user}`
  const question = `Admin password, of ${whose}, empty for ${known === null ? own : 'none'}: `
  const typed = await prompt(question, { input, signal: appliance.signal, hidden: true })
  if (typed === null) throw notConfirmed()
  return adminCredentials(settings, typed === '' ? null : new Secret(typed))
}
