import type { ConfiguredDatabase } from './configured-database.ts'
import type { Frequency } from './frequency.ts'
import type { Manifest, Verification } from './manifest.ts'
import type { ServiceEvent } from './service-event.ts'

/** All that a run or the service ever says about itself. Faces turn it into lines or JSON. */
export type RunEvent =
  | ServiceEvent
  | {
      readonly kind: 'warning'
      readonly database: ConfiguredDatabase | null
      readonly text: string
    }
  | {
      readonly kind: 'backup-skipped'
      readonly database: ConfiguredDatabase
      readonly frequency: Frequency
      /** From when on a scheduled cycle takes it; null: none does. */
      readonly dueFrom: Date | null
    }
  | {
      readonly kind: 'backup-started'
      readonly database: ConfiguredDatabase
      /** Absolute. */
      readonly partialPath: string
    }
  | {
      readonly kind: 'backup-grew'
      readonly database: ConfiguredDatabase
      /** Compressed bytes written so far, and how many there were last time. */
      readonly bytes: number
      readonly expectedBytes: number | null
    }
  | {
      readonly kind: 'backup-succeeded'
      readonly database: ConfiguredDatabase
      /** Absolute. */
      readonly path: string
      readonly manifest: Manifest
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'backup-failed'
      readonly database: ConfiguredDatabase
      readonly error: unknown
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'pruned'
      readonly database: ConfiguredDatabase
      /** Absolute paths. */
      readonly removed: readonly string[]
    }
  | {
      readonly kind: 'prune-failed'
      readonly database: ConfiguredDatabase
      readonly error: unknown
    }
  | {
      readonly kind: 'verification-started'
      readonly database: ConfiguredDatabase
      /** Absolute. */
      readonly path: string
    }
  | {
      readonly kind: 'verification-grew'
      readonly database: ConfiguredDatabase
      /** Plain bytes loaded so far, and how many there are, where that is known. */
      readonly bytes: number
      readonly expectedBytes: number | null
    }
  | {
      readonly kind: 'verification-ended'
      readonly database: ConfiguredDatabase
      /** Absolute; null when there is no backup. */
      readonly path: string | null
      readonly verification: Verification
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'restore-started'
      /** The target, here and below. */
      readonly database: ConfiguredDatabase
      /** Absolute, of the archive. */
      readonly path: string
    }
  | {
      readonly kind: 'restore-grew'
      readonly database: ConfiguredDatabase
      /** Plain bytes loaded so far, and how many there are, where that is known. */
      readonly bytes: number
      readonly expectedBytes: number | null
    }
  | {
      readonly kind: 'restore-succeeded'
      readonly database: ConfiguredDatabase
      readonly path: string
      /** Where the replaced database is now; null when it is gone or never was. */
      readonly keptAs: string | null
      /** SQL errors that were passed over, as the user wished. */
      readonly errors: readonly string[]
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'restore-failed'
      readonly database: ConfiguredDatabase
      readonly path: string
      readonly elapsedMs: number
    }

export type Tell = (event: RunEvent) => void
