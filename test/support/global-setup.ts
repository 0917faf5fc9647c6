import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres-server.ts'
import { runFolder } from './run-folder.ts'

/** One PostgreSQL server for all test files; each makes databases of its own in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  runFolder()
  const server = await startPostgres()
  project.provide('postgresPort', server.port)
  return async () => server[Symbol.asyncDispose]()
}
