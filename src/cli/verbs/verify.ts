import { exitStatus } from '../../model/index.ts'
import { isGood, type VerifyResult, verifyAll } from '../../operations/index.ts'
import { meantBy, type Session } from '../session.ts'

export async function verify({ request, appliance, screen }: Session): Promise<number> {
  const results = await verifyAll(appliance, {
    databases: meantBy(request.verify, appliance),
    filter: request.filter,
    ignoreErrors: request.ignoreErrors,
    trigger: request.scheduled ? 'schedule' : 'user',
  })
  const failed = results.filter(({ verification }) => !isGood(verification))
  if (request.json) screen.document({ results: results.map(resultDocument) })
  else if (results.length > 1) {
    const text = `${results.length - failed.length} of ${results.length} backups verified.`
    if (failed.length === 0) screen.say(text, 'green')
    else screen.tell(text, 'red')
  }
  return failed.length === 0 ? exitStatus.good : exitStatus.failed
}

/** The promised shape of `-v --json` (design section 3). */
function resultDocument({ database, backup, verification, elapsedMs }: VerifyResult): unknown {
  const { verdict, tables = null, rows = null, differences } = verification
  return {
    spec: database.spec.written,
    path: backup?.path ?? null,
    verdict,
    tables,
    rows,
    differences,
    bytes: verification.databaseBytes ?? null,
    serverVersion: verification.serverVersion ?? null,
    durationMs: Math.round(elapsedMs),
    phases: verification.phases ?? [],
  }
}
