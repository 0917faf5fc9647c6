import { exitStatus } from '../../model/index.ts'
import {
  type Appliance,
  type CheckResult,
  checkAll,
  checkStores,
  countOf,
  missingCopies,
  viewOfStore,
} from '../../operations/index.ts'
import { meantBy, type Session } from '../session.ts'

export async function check(session: Session): Promise<number> {
  const { request, screen } = session
  const appliance = await viewOfStore(session.appliance, request.from)
  const { volume } = appliance
  const show = ({ backup, ok, problem, limits }: CheckResult): void => {
    const path = volume.label(backup.path)
    if (limits !== null) screen.tell(`[WARN] - ${path}: ${limits}`, 'yellow')
    if (ok) screen.say(`OK   ${path}`, 'green')
    else screen.tell(`BAD  ${path}: ${problem}`, 'red')
  }
  const databases = meantBy(request.check, appliance)
  const missing = await missingCopies(session.appliance, databases, request.from)
  const onResult = request.json ? undefined : show
  const results = await checkAll(appliance, databases, { onResult, missing })
  const stores = await checkStores(onlyIfMeant(appliance, request.from))
  const bad = [...results, ...stores].filter(({ ok }) => !ok)
  const isGood = bad.length === 0 && missing.length === 0
  if (request.json) {
    const rows = results.map(({ backup, ok, problem, limits }) => ({
      path: backup.path,
      ok,
      problem,
      limits,
    }))
    screen.document({ results: rows, stores, missing })
  } else {
    for (const { store, path, problem } of missing) {
      screen.tell(`GONE ${store}:${path}: ${problem}`, 'red')
    }
    for (const { store, ok, problem } of stores) {
      if (ok) screen.say(`OK   the repository of ${store}`, 'green')
      else screen.tell(`BAD  the repository of ${store}: ${problem}`, 'red')
    }
    const unseen = results.filter(({ limits }) => limits !== null).length
    const but = unseen === 0 ? '' : ` Of ${unseen}, only the checksum could be looked at.`
    const gone = new Set(missing.map(({ path }) => path))
    const whole = results.filter(({ backup, ok }) => ok && !gone.has(backup.path)).length
    screen.say(`${whole} of ${countOf(results, missing)} backups are whole.${but}`)
  }
  return isGood ? exitStatus.good : exitStatus.failed
}

function onlyIfMeant(appliance: Appliance, from: string | null): Appliance {
  if (from === null) return appliance
  return { ...appliance, mirrors: appliance.mirrors.filter(({ name }) => name === from) }
}
