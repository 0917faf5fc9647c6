import type { TestProject } from 'vitest/node'
import { startCeph } from './ceph-server.ts'
import { offerOnDemand } from './on-demand.ts'
import { startPostgres } from './postgres-server.ts'
import { runFolder } from './run-folder.ts'

/**
 * One PostgreSQL server for all test files; each makes databases of its own in it. Other servers
 * start when a test file asks for one.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  runFolder()
  const onDemand = await offerOnDemand({ ceph: startCeph })
  project.provide('onDemand', onDemand.socket)
  const server = await startPostgres()
  project.provide('postgresPort', server.port)
  return async () => {
    await onDemand[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
}
