import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { exitStatus, Refusal } from '../../model/index.ts'
import {
  isProof,
  scheduledTrigger,
  type VerifyResult,
  verifyAll,
  viewOfStore,
} from '../../operations/index.ts'
import { explainingDiskErrors, writeFileDurably } from '../../platform/index.ts'
import { drillReport } from '../drill-report.ts'
import { meantBy, type Session } from '../session.ts'

export async function verify(session: Session): Promise<number> {
  const { request, screen } = session
  const appliance = await viewOfStore(session.appliance, request.from)
  if (request.report !== null) refuseReportNowhere(request.report)
  const results = await verifyAll(appliance, {
    databases: meantBy(request.verify, appliance),
    filter: request.filter,
    ignoreErrors: request.ignoreErrors,
    trigger: request.scheduled ? scheduledTrigger(appliance) : 'user',
  })
  if (request.report !== null) await writeReport(request.report, results, appliance)
  const failed = results.filter((result) => !isProof(result))
  if (request.json) screen.document({ results: results.map(resultDocument) })
  else if (results.length > 1) {
    const text = `${results.length - failed.length} of ${results.length} backups verified.`
    if (failed.length === 0) screen.say(text, 'green')
    else screen.tell(text, 'red')
  }
  return failed.length === 0 ? exitStatus.good : exitStatus.failed
}

/** Hours of verifying should not end in a report that has no place. */
function refuseReportNowhere(path: string): void {
  const folder = dirname(resolve(path))
  if (existsSync(folder)) return
  throw new Refusal(`There is no folder ${folder} for the report.`, {
    advice: 'Create it, or correct the path after --report.',
    exitStatus: exitStatus.usage,
    isTyped: true,
  })
}

/** An `.html` file gets HTML, any other name Markdown. */
async function writeReport(
  path: string,
  results: readonly VerifyResult[],
  { clock, what, modes, redacted }: Session['appliance'],
): Promise<void> {
  const context = { at: clock.now(), host: hostname(), command: what }
  const format = path.endsWith('.html') ? 'html' : 'markdown'
  await explainingDiskErrors(`Writing the report ${path}`, () =>
    writeFileDurably(path, redacted(drillReport(results, context, format)), modes),
  )
}

/** The promised shape of `-v --json` (design section 3). */
function resultDocument({
  database,
  backup,
  verification,
  newestBad,
  elapsedMs,
}: VerifyResult): unknown {
  const { verdict, tables = null, rows = null, differences } = verification
  return {
    spec: database.spec.written,
    path: backup?.path ?? null,
    verdict,
    tables,
    rows,
    differences,
    newestBad,
    objects: verification.objects ?? [],
    bytes: verification.databaseBytes ?? null,
    serverVersion: verification.serverVersion ?? null,
    durationMs: Math.round(elapsedMs),
    phases: verification.phases ?? [],
  }
}
