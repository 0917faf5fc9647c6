import { findDatabase } from '../config/index.ts'
import { type ConfiguredDatabase, Refusal } from '../model/index.ts'
import type { Appliance } from '../operations/index.ts'
import type { Log } from './json-log.ts'
import type { Request } from './parse-arguments.ts'
import type { Screen } from './screen.ts'

/** All that a verb of the command line works with. */
export interface Session {
  readonly request: Request
  readonly appliance: Appliance
  readonly screen: Screen
  /** Where lines are JSON objects; null: they are text. */
  readonly log: Log | null
  readonly input: NodeJS.ReadStream
  /** Runs the service until it is told to end; returns its exit status. */
  readonly serve: () => Promise<number>
}

/** One verb of the command line: does it, shows it, and returns the exit status. */
export type VerbOf = (session: Session) => Promise<number>

/** The databases that are meant: all, or the one of `--only`. */
export function chosen(
  { only }: Request,
  { configuration }: Appliance,
): readonly ConfiguredDatabase[] {
  if (only !== null) return [findDatabase(configuration, only)]
  if (configuration.databases.length > 0) return configuration.databases
  throw new Refusal('There is no database to work on.', {
    reason: 'None of the configured databases is of a kind that this container has.',
    advice: 'Add one to backup.conf, or use the image for the databases that it names.',
    exitStatus: 2,
  })
}

/** The databases that the value of a flag means: `all`, or one spec. */
export function meantBy(
  word: string | null,
  { configuration }: Appliance,
): readonly ConfiguredDatabase[] {
  if (word === null || word === 'all') return configuration.databases
  return [findDatabase(configuration, word)]
}

/** What the original calls the run mode (contract 2, 7.2). */
export function modeOf({ verb, once, scheduled }: Request, { configuration }: Appliance): string {
  if (verb === 'prune' || verb === 'restore') return verb
  if (verb === 'verify') return scheduled ? 'scheduled-verify' : 'verify'
  if (once) return 'once'
  if (scheduled) return 'scheduled'
  return configuration.mode
}
