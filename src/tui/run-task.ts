import { exitStatus, identityOf, Refusal, type RunEvent } from '../model/index.ts'
import {
  type Appliance,
  backUpAll,
  type CheckResult,
  checkAll,
  isProof,
  mirrorAll,
  openNotices,
  pin,
  pruneAll,
  restore,
  testNotify,
  verifyAll,
  viewOfStore,
} from '../operations/index.ts'
import { adminOf } from './check-restore.ts'
import { errorLines } from './event-lines.ts'
import { type Line, line } from './line.ts'
import type { Outcome } from './operation.ts'
import type { Task } from './task.ts'
import { commandOf } from './task-words.ts'

export interface Surroundings {
  /** With a signal that is the task's own, and a `tell` that reaches the screen. */
  readonly appliance: Appliance
  readonly onLines: (lines: readonly Line[]) => void
}

/** As the command line calls them, for notices. */
const verbs: Readonly<Partial<Record<Task['kind'], string>>> = {
  'back-up': 'once',
  verify: 'verify',
  restore: 'restore',
  prune: 'prune',
  mirror: 'mirror',
}

/** Does it, and tells people what the same command would tell them. What ended it is in the outcome. */
export async function runTask(task: Task, surroundings: Surroundings): Promise<Outcome> {
  const { appliance, onLines } = surroundings
  const { configuration, environment, clock, redacted, signal } = appliance
  const onProblem = (text: string): void => onLines([line(text, 'warn')])
  const notices = openNotices(
    { verb: verbs[task.kind] ?? task.kind, dryRun: false, mayWrite: true },
    {
      configuration,
      environment,
      clock,
      redacted,
      onProblem,
      ending: signal,
      byPerson: true,
      onLongWait: (text) => onLines([line(text)]),
    },
  )
  notices?.begin()
  const tell = (event: RunEvent): void => {
    notices?.hear(event)
    appliance.tell(event)
  }
  const what = `${appliance.what}, as ${commandOf(task)}`
  try {
    const outcome = await carryOut(task, { appliance: { ...appliance, tell, what }, onLines })
    await notices?.end(outcome.ok ? exitStatus.good : exitStatus.failed)
    return outcome
  } catch (error) {
    const status = error instanceof Refusal ? error.exitStatus : exitStatus.defect
    await notices?.end(status, error)
    return { ok: false, lines: errorLines(error) }
  }
}

async function carryOut(task: Task, surroundings: Surroundings): Promise<Outcome> {
  const { appliance } = surroundings
  switch (task.kind) {
    case 'back-up':
      return await backUp(appliance, task)
    case 'verify':
      return await verify(appliance, task)
    case 'check':
      return await check(surroundings, task)
    case 'mirror':
      return await mirror(appliance, task)
    case 'prune':
      return await prune(appliance, task)
    case 'pin': {
      const path = await pin(appliance, task.backup.path, { on: task.on })
      const text = task.on
        ? `Pinned ${path}: nothing deletes it until it is unpinned.`
        : `Unpinned ${path}.`
      return good(text)
    }
    case 'test-notify':
      return await tryNotices(appliance)
    case 'restore':
      return await restoreBackup(appliance, task)
  }
}

type Of<Kind extends Task['kind']> = Extract<Task, { readonly kind: Kind }>

async function backUp(appliance: Appliance, { databases }: Of<'back-up'>): Promise<Outcome> {
  const request = { databases: databases.list, trigger: 'once' } as const
  const { results, mirrors } = await backUpAll(appliance, request)
  const failed = results.filter((result) => !result.ok || result.pruneError !== null)
  const behind = mirrors.filter(({ failures }) => failures.length > 0)
  const text = `${results.length - failed.length} of ${results.length} databases backed up.`
  if (failed.length > 0) return bad(text, 'Put right what the lines above name, and back up again.')
  if (behind.length === 0) return good(text, 'v proves the new backup by restoring it.')
  const stores = behind.map(({ store }) => store).join(', ')
  return bad(`${text} They are on the volume, but not in ${stores}.`, 'm sends what is missing.')
}

async function verify(appliance: Appliance, { databases, backup }: Of<'verify'>): Promise<Outcome> {
  const view = await viewOfStore(appliance, backup?.from ?? null)
  const results = await verifyAll(view, {
    databases: databases.list,
    filter: backup === null ? null : patternOf(backup.path),
    ignoreErrors: false,
    trigger: 'user',
  })
  const failed = results.filter((result) => !isProof(result))
  const text = `${results.length - failed.length} of ${results.length} backups verified.`
  return failed.length === 0
    ? good(`${text} What was restored is what was backed up.`)
    : bad(text, 'Look at the differences above. r restores an older backup; b takes a new one.')
}

/** A path as the filter reads it: found as it is, and nowhere else. */
function patternOf(path: string): string {
  return `/${path.replaceAll(/[.*[\]^$\\]/gu, '\\$&')}$`
}

async function check(
  { appliance, onLines }: Surroundings,
  { databases }: Of<'check'>,
): Promise<Outcome> {
  const onResult = ({ backup, ok, problem, limits }: CheckResult): void => {
    const path = appliance.volume.label(backup.path)
    onLines([
      ...(limits === null ? [] : [line(`${path}: ${limits}`, 'warn')]),
      ok ? line(`OK   ${path}`, 'good') : line(`BAD  ${path}: ${problem}`, 'bad'),
    ])
  }
  const results = await checkAll(appliance, databases.list, { onResult })
  const whole = results.filter(({ ok }) => ok).length
  const text = `${whole} of ${results.length} backups are whole.`
  return whole === results.length
    ? good(text)
    : bad(text, 'Take a new backup (b), and look at the volume.')
}

async function mirror(appliance: Appliance, { databases }: Of<'mirror'>): Promise<Outcome> {
  const outcomes = await mirrorAll(appliance, {
    databases: databases.list,
    store: null,
    trigger: 'user',
    patient: false,
  })
  const lines = outcomes.map(({ store, copied, repaired, removed, failures }) => {
    const figures = `${copied.length} copied, ${repaired.length} mended, ${removed.length} pruned`
    return failures.length === 0
      ? line(`${store}: ${figures}.`, 'good')
      : line(`${store}: ${figures}, ${failures.length} failed.`, 'bad')
  })
  return { ok: outcomes.every(({ failures }) => failures.length === 0), lines }
}

async function prune(appliance: Appliance, { databases }: Of<'prune'>): Promise<Outcome> {
  const plans = await pruneAll(appliance, databases.list, { scheduled: false })
  const decisions = plans.flatMap((plan) => plan.decisions)
  const removed = decisions.filter(({ keep }) => !keep).length
  return good(`Pruning complete: ${removed} deleted, ${decisions.length - removed} kept.`)
}

async function tryNotices(appliance: Appliance): Promise<Outcome> {
  const results = await testNotify(appliance)
  const lines = results.flatMap(({ channel, level, problem }) => {
    const what = level === null ? channel : `${channel} ${level}`
    if (problem === null) return [line(`${what}: delivered.`, 'good')]
    const { message, reason, advice } = problem
    const why = [message, reason, advice].filter((text) => text !== '').join(' ')
    return [line(`${what}: ${why}`, 'bad')]
  })
  return { ok: results.every(({ problem }) => problem === null), lines }
}

async function restoreBackup(
  appliance: Appliance,
  { draft, target }: Of<'restore'>,
): Promise<Outcome> {
  const { source, backup, roles, keepOld, inPlace, ignoreErrors } = draft
  const admin = adminOf(appliance, draft)
  const flags = { roles, keepOld, inPlace, ignoreErrors }
  const request = { source, backup, target, admin, trigger: 'user', ...flags } as const
  const { report } = await restore(await viewOfStore(appliance, draft.from), request)
  const passedOver = report.errors.map(({ message }) => line(`- ${message}`, 'warn'))
  const identity = identityOf(target.spec)
  const { databases } = appliance.configuration
  const then = databases.some(({ spec }) => identityOf(spec) === identity)
    ? '; then take a backup (b)'
    : ''
  const kept =
    report.keptAs === null
      ? []
      : [line(`The database that was there before is now called ${report.keptAs}.`)]
  const { missing } = report
  return {
    ok: missing.length === 0,
    lines: [
      ...passedOver,
      missing.length === 0
        ? line(`${target.spec.written} is what ${backup.path} holds.`, 'good')
        : line(`${target.spec.written} is not all of what ${backup.path} holds:`, 'bad'),
      ...missing.map((text) => line(`- ${text}`, 'bad')),
      ...kept,
      line(`Now: let the application connect anew, and look at it${then}.`, 'strong'),
    ],
  }
}

function good(text: string, next = ''): Outcome {
  return { ok: true, lines: [line(text, 'good'), ...nextLines(next)] }
}

function bad(text: string, next: string): Outcome {
  return { ok: false, lines: [line(text, 'bad'), ...nextLines(next)] }
}

function nextLines(next: string): readonly Line[] {
  return next === '' ? [] : [line(`Now: ${next}`, 'strong')]
}
