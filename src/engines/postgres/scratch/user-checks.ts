import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RestoredFacts } from '../../../model/index.ts'
import { isCode, ProcessFailure, runCommand } from '../../../platform/index.ts'
import { connectionString } from '../connection.ts'
import type { RestoreTarget } from './restore-target.ts'

/** Where a database's own checks lie: `<VERIFY_CHECKS>/<core name>/*.sql`. */
export interface CheckFolder {
  readonly folder: string
  readonly psql: string
  readonly signal: AbortSignal
}

/**
 * Runs each file as the owner of the restored database. A check holds when all that it returns is
 * one true value.
 */
export async function runUserChecks(
  target: RestoreTarget,
  { folder, psql, signal }: CheckFolder,
): Promise<RestoredFacts['checks']> {
  const checks: { name: string; problem: string | null }[] = []
  for (const name of await filesIn(folder)) {
    const command = {
      program: psql,
      args: [
        '--no-psqlrc',
        '--no-password',
        '--quiet',
        '--tuples-only',
        '--no-align',
        '--set=ON_ERROR_STOP=1',
        `--file=${join(folder, name)}`,
        `--dbname=${connectionString(target.database, target.environment)}`,
      ],
      environment: { ...target.environment, PGCLIENTENCODING: 'UTF8' },
    }
    checks.push({ name, problem: await problemOf(() => runCommand(command, { signal })) })
  }
  return checks
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

async function problemOf(run: () => Promise<Buffer>): Promise<string | null> {
  try {
    const said = (await run()).toString('utf8').trim()
    if (said === 't') return null
    return said === '' ? 'it returned nothing' : `it returned ${JSON.stringify(said.slice(0, 200))}`
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error
    const { stderr } = error.ending
    return (
      stderr.find((line) => /(?:ERROR|FATAL|error):/u.test(line)) ?? stderr.at(-1) ?? error.message
    )
  }
}
