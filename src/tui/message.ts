import type { ConfiguredDatabase, RunEvent, StoreName } from '../model/index.ts'
import type { JournalEntry, Observation, PrunePlan, ScheduleAhead } from '../operations/index.ts'
import type { Key } from './keys.ts'
import type { Line } from './line.ts'
import type { Outcome } from './operation.ts'
import type { RestoreCheck, RestoreDraft } from './restore-draft.ts'
import type { Elsewhere, Retention, State } from './state.ts'
import type { Task } from './task.ts'

/** All that can happen to the state. */
export type Message =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resized'; readonly size: State['size'] }
  | { readonly kind: 'ticked' }
  | { readonly kind: 'observed'; readonly observation: Observation }
  /** The volume cannot be read; what was known of it stays. */
  | { readonly kind: 'unreadable'; readonly problem: string }
  | { readonly kind: 'journal-read'; readonly journal: Journal }
  | { readonly kind: 'retention-read'; readonly identity: string; readonly retention: Retention }
  | { readonly kind: 'store-read'; readonly store: StoreName; readonly elsewhere: Elsewhere }
  | { readonly kind: 'prune-planned'; readonly plans: readonly PrunePlan[] }
  | {
      readonly kind: 'restore-checked'
      /** Of which it was asked; another one may be there by now. */
      readonly draft: RestoreDraft
      readonly check: RestoreCheck
    }
  | { readonly kind: 'told'; readonly event: RunEvent }
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** Something that nobody asked for. */
  | { readonly kind: 'warned'; readonly lines: readonly Line[] }

export interface Journal {
  readonly entries: readonly JournalEntry[]
  readonly ahead: ScheduleAhead
  readonly bytesPerDay: number | null
}

/** What the state asks of the machine around it. */
export type Effect =
  | { readonly kind: 'observe' }
  | { readonly kind: 'read-retention'; readonly database: ConfiguredDatabase }
  | { readonly kind: 'read-store'; readonly store: StoreName }
  | { readonly kind: 'plan-pruning'; readonly databases: readonly ConfiguredDatabase[] }
  | { readonly kind: 'check-restore'; readonly draft: RestoreDraft }
  | { readonly kind: 'stop-check' }
  | { readonly kind: 'run'; readonly task: Task }
  | { readonly kind: 'cancel' }
  /** After something else has written on the terminal. */
  | { readonly kind: 'redraw' }
  /** Ends what goes on, then the program. */
  | { readonly kind: 'leave' }

/** The state after a message, and what it asks for. */
export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

export function step(state: State, ...effects: readonly Effect[]): Step {
  return { state, effects }
}
