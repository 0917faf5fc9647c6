import { exitStatus } from '../../model/index.ts'
import { type CheckResult, checkAll, viewOfStore } from '../../operations/index.ts'
import { meantBy, type Session } from '../session.ts'

export async function check(session: Session): Promise<number> {
  const { request, screen } = session
  const appliance = await viewOfStore(session.appliance, request.from)
  const { volume } = appliance
  const show = ({ backup, ok, problem }: CheckResult): void => {
    const path = volume.label(backup.path)
    if (ok) screen.say(`OK   ${path}`, 'green')
    else screen.tell(`BAD  ${path}: ${problem}`, 'red')
  }
  const databases = meantBy(request.check, appliance)
  const results = await checkAll(appliance, databases, request.json ? undefined : show)
  const bad = results.filter(({ ok }) => !ok)
  if (request.json) {
    const rows = results.map(({ backup, ok, problem }) => ({ path: backup.path, ok, problem }))
    screen.document({ results: rows })
  } else {
    screen.say(`${results.length - bad.length} of ${results.length} backups are whole.`)
  }
  return bad.length === 0 ? exitStatus.good : exitStatus.failed
}
