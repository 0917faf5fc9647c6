import type { Configuration } from '../config/index.ts'
import type { JobPlan } from '../operations/index.ts'
import type { Command, Environment } from '../platform/index.ts'

interface Surroundings {
  readonly environment: Environment
  readonly configuration: Configuration
  readonly program: readonly [string, ...string[]]
  readonly held: { readonly variables: Environment }
  readonly isMissed: boolean
}

/**
 * The command of a job. It inherits the whole environment, because commands of schedules rely on
 * it, with the assignments of the file, and what tells a run of ours who started it.
 */
export function jobCommand(
  { flags, command, key, trigger }: JobPlan,
  { environment, configuration, program, held, isMissed }: Surroundings,
): Command {
  const assignments = Object.entries(configuration.assignments)
  const all: Record<string, string | undefined> = {
    ...environment,
    ...Object.fromEntries(assignments.map(([name, value]) => [name, value.reveal()])),
    BACKUP_JOB: key,
    BACKUP_TRIGGER: isMissed ? 'catch-up' : trigger,
    ...held.variables,
  }
  const set = Object.entries(all).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const shell = configuration.assignments['SHELL']?.reveal() ?? 'sh'
  const [first, ...rest] = flags === null ? [shell, '-c', command] : [...program, ...flags]
  return { program: first ?? shell, args: rest, environment: Object.fromEntries(set) }
}
