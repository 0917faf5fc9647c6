import { type Configuration, type Environment, readConfiguration } from '../../src/config/index.ts'
import { Refusal } from '../../src/model/index.ts'
import { refusalOf } from '../support/refusal.ts'

type Files = Readonly<Record<string, string>>

/** Reads a configuration from values and file contents, as a PostgreSQL container does. */
export function read(environment: Environment = {}, files: Files = {}): Promise<Configuration> {
  return readConfiguration({
    environment,
    readFile: async (path) => (Object.hasOwn(files, path) ? (files[path] ?? null) : null),
    engines: ['postgres'],
  })
}

/** A configuration that consists of `backup.conf` with these lines. */
export function readLines(...lines: string[]): Promise<Configuration> {
  return read({}, { 'backup.conf': lines.join('\n') })
}

/** The problems of `backup.conf` with these lines. */
export async function problemsIn(...lines: string[]): Promise<string[]> {
  const { reason } = await refusalOf(readLines(...lines))
  return reason.split('\n')
}

/** What a reading is rejected with; null when it is not. */
export function problemOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => null,
    (error: unknown) => error,
  )
}

/** For properties: anything else than a refusal would be a defect. */
export function isRefusalOrNone(problem: unknown): boolean {
  return problem === null || (problem instanceof Refusal && problem.exitStatus === 2)
}
