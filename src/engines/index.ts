/**
 * Engines: how each kind of database is probed, dumped and measured. Nobody else asks which
 * engine it has. To add one, copy a folder, keep its file names, and add its line below.
 */
import { type ConfiguredDatabase, type EngineName, Refusal } from '../model/index.ts'
import type { Engine } from './engine.ts'
import { postgres } from './postgres/index.ts'

export type {
  ArchiveFile,
  DumpOrder,
  Engine,
  EngineContext,
  PreparedDump,
  RestoreOrder,
  RestorePlan,
  RestoreReport,
  RestoreTrial,
} from './engine.ts'

const engines: readonly Engine[] = [postgres]

/** The engines that this build has; lines of others are skipped with a warning. */
export const availableEngines: readonly EngineName[] = engines.map(({ name }) => name)

/** The engine of a database. Configuration admits only those that are there. */
export function engineOf({ spec }: ConfiguredDatabase): Engine {
  const engine = engines.find(({ name }) => name === spec.engine)
  if (engine !== undefined) return engine
  throw new Refusal(`${spec.written} is a ${spec.engine} database.`, {
    reason: `This build has ${availableEngines.join(', ')} only.`,
    advice: 'Use the image for that kind of database, or remove the line.',
    exitStatus: 2,
  })
}
