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
      /** True until something here is replaced, so every run says it again: no news to anybody. */
      readonly kind: 'remark'
      readonly text: string
    }
  | {
      /** A backup has much less in it than those before. */
      readonly kind: 'anomaly'
      readonly database: ConfiguredDatabase
      /** Absolute, of the backup that shows it. */
      readonly path: string
      readonly text: string
    }
  | {
      /** What a run is about to do; what is left out of it is told as skipped. */
      readonly kind: 'run-planned'
      readonly databases: readonly ConfiguredDatabase[]
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
      /** A backup of a mirror is being brought to the volume, to be read from there. */
      readonly kind: 'fetching'
      readonly store: string
      /** Relative to the root of the mirror. */
      readonly path: string
      readonly bytes: number
    }
  | {
      /** Manifests that lie beside the copies in a mirror are being read; ends with `done` of `total`. */
      readonly kind: 'records-grew'
      readonly store: string
      readonly done: number
      readonly total: number
    }
  | {
      readonly kind: 'mirror-grew'
      readonly database: ConfiguredDatabase
      readonly store: string
      /** Bytes that went there so far, and how many there will be, where that is known. */
      readonly bytes: number
      readonly expectedBytes: number | null
    }
  | {
      /** A backup lies in a mirror now, compared by its bytes. */
      readonly kind: 'mirrored'
      readonly database: ConfiguredDatabase
      readonly store: string
      /** Absolute, on the volume; here and below. */
      readonly path: string
      /** That went there. */
      readonly bytes: number
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'mirror-failed'
      readonly store: string
      /** Relative to the root of the volume; null: it concerns the mirror as a whole. */
      readonly path: string | null
      readonly error: unknown
    }
  | {
      /** The volume had lost it, and the mirror had it. */
      readonly kind: 'mirror-repaired'
      readonly store: string
      readonly path: string
    }
  | {
      readonly kind: 'mirror-pruned'
      readonly store: string
      /** Relative to the root of the mirror. */
      readonly removed: readonly string[]
    }
  | {
      /** Pruned on the volume although these mirrors never got it: MIRROR_GRACE is over. */
      readonly kind: 'copy-given-up'
      readonly database: ConfiguredDatabase | null
      readonly stores: readonly string[]
      readonly path: string
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
      /** That the newest backup is bad, and `path` is an older one; null otherwise. */
      readonly newestBad: string | null
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
      /** Tables that lack rows after them, in words. */
      readonly missing: readonly string[]
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'restore-failed'
      readonly database: ConfiguredDatabase
      readonly path: string
      readonly elapsedMs: number
    }

export type Tell = (event: RunEvent) => void
