import { exitStatus } from '../../model/index.ts'
import { type CheckResult, checkAll } from '../../operations/index.ts'
import { meantBy, type Session } from '../session.ts'

export async function check({ request, appliance, screen }: Session): Promise<number> {
  const { volume } = appliance
  const show = ({ backup, ok, problem, limits }: CheckResult): void => {
    const path = volume.absolute(backup.path)
    if (limits !== null) screen.tell(`[WARN] - ${path}: ${limits}`, 'yellow')
    if (ok) screen.say(`OK   ${path}`, 'green')
    else screen.tell(`BAD  ${path}: ${problem}`, 'red')
  }
  const databases = meantBy(request.check, appliance)
  const results = await checkAll(appliance, databases, request.json ? undefined : show)
  const bad = results.filter(({ ok }) => !ok)
  if (request.json) {
    const rows = results.map(({ backup, ok, problem, limits }) => ({
      path: backup.path,
      ok,
      problem,
      limits,
    }))
    screen.document({ results: rows })
  } else {
    const unseen = results.filter(({ limits }) => limits !== null).length
    const but = unseen === 0 ? '' : ` Of ${unseen}, only the checksum could be looked at.`
    screen.say(`${results.length - bad.length} of ${results.length} backups are whole.${but}`)
  }
  return bad.length === 0 ? exitStatus.good : exitStatus.failed
}
