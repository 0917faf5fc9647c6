import type { RestorePlan } from '../engines/index.ts'
import type { Backup, ConfiguredDatabase, StoreName } from '../model/index.ts'
import type { RestoreDraft } from './restore-draft.ts'

/** Something that is done to the volume, a database or people, once it has been agreed to. */
export type Task =
  | { readonly kind: 'back-up'; readonly databases: Chosen }
  | { readonly kind: 'verify'; readonly databases: Chosen; readonly backup: OneBackup | null }
  | { readonly kind: 'check'; readonly databases: Chosen }
  | { readonly kind: 'mirror'; readonly databases: Chosen }
  | { readonly kind: 'prune'; readonly databases: Chosen; readonly doomed: number }
  | { readonly kind: 'pin'; readonly backup: Backup; readonly on: boolean }
  | { readonly kind: 'test-notify' }
  | {
      readonly kind: 'restore'
      readonly draft: RestoreDraft
      readonly target: ConfiguredDatabase
      /** What the look at the server found; it has been agreed to. */
      readonly plan: RestorePlan
    }

/** One backup, and the store that it is in; null: the volume. */
export interface OneBackup {
  readonly path: string
  readonly from: StoreName | null
}

/** Which databases, and whether they are all. */
export interface Chosen {
  readonly list: readonly ConfiguredDatabase[]
  readonly all: boolean
}

/** Whether it is refused while another run holds the lock of the volume. */
export function needsLock({ kind }: Task): boolean {
  return kind === 'back-up' || kind === 'prune' || kind === 'mirror' || kind === 'pin'
}

/** Those that it is about. */
export function databasesOf(task: Task): Chosen {
  if ('databases' in task) return task.databases
  return { list: task.kind === 'restore' ? [task.target] : [], all: false }
}
