import type { Appliance } from './appliance.ts'
import { readSizing, type Sizing } from './sizing.ts'
import { type DatabaseStatus, readStatus } from './status.ts'

/** All that monitoring wants to know, as of one moment. */
export interface Observation {
  readonly at: Date
  readonly statuses: readonly DatabaseStatus[]
  readonly sizing: Sizing
  /** What the run does that holds the lock, and since when (ISO 8601); null: nobody holds it. */
  readonly lock: { readonly what: string | null; readonly since: string | null } | null
  /** In bytes; null before the folder of the backups is there, and for a bucket. */
  readonly volume: { readonly free: number; readonly total: number } | null
}

/** Looks at everything and changes nothing; takes no lock. */
export async function observe(appliance: Appliance): Promise<Observation> {
  const { configuration, clock, volume } = appliance
  const statuses = await readStatus(appliance, configuration.databases)
  const holder = await volume.readLock()
  return {
    at: clock.now(),
    statuses,
    sizing: await readSizing(appliance, statuses),
    lock:
      holder === null
        ? null
        : { what: holder.record?.what ?? null, since: holder.record?.since ?? null },
    volume: await volume.space(),
  }
}
