import type { ConfiguredDatabase } from './configured-database.ts'
import type { RunEvent } from './run-event.ts'

/**
 * Whose progress an event tells, in words for people. A copy is told apart from the backup that may
 * be made of the same database meanwhile.
 */
export function workName({ spec }: ConfiguredDatabase, event: RunEvent): string {
  return 'store' in event ? `${spec.written}${toStore(event.store)}` : spec.written
}

/** Whether this is the name of a copy that goes to that store. */
export function isCopyTo(name: string, store: string): boolean {
  return name.endsWith(toStore(store))
}

function toStore(store: string): string {
  return ` to ${store}`
}
