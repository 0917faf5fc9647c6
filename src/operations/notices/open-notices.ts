import { modesOf } from '../../platform/index.ts'
import { outboxFolder } from '../primary-place.ts'
import { RunNotices, type RunNoticesOptions, type Task } from './run-notices.ts'

/** Verbs of which people are told by notices. */
const tasks: ReadonlyMap<string | null, Task> = new Map([
  ['once', 'back-up'],
  ['scheduled', 'back-up'],
  ['verify', 'verify'],
  ['restore', 'restore'],
  ['prune', 'prune'],
  ['mirror', 'mirror'],
  [null, 'serve'],
])

export interface Commanded {
  /** null: the service. */
  readonly verb: string | null
  readonly dryRun: boolean
  /** Whether undelivered notices may be kept on the volume; else it stays untouched. */
  readonly mayWrite: boolean
}

type World = Omit<RunNoticesOptions, 'folder' | 'modes' | 'task'>

/** The notices of a command; null: nobody is told of such. */
export function openNotices(
  { verb, dryRun, mayWrite }: Commanded,
  world: World,
): RunNotices | null {
  const task = tasks.get(verb)
  if (task === undefined || dryRun) return null
  const { configuration, environment } = world
  const { backupUmask } = configuration.settings
  const folder = mayWrite ? outboxFolder(configuration, environment) : null
  return new RunNotices({ ...world, folder, modes: modesOf(backupUmask), task })
}
