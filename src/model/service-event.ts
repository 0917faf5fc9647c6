import type { JobResult } from './service-state.ts'

/** What the service says about itself; what its jobs say are lines of their own. */
export type ServiceEvent =
  | {
      readonly kind: 'job-started'
      /** As `JobState.name`, here and below. */
      readonly job: string
      readonly command: string
      /** The start makes up for one that was due then and missed; null: it is on time. */
      readonly missed: Date | null
    }
  | {
      readonly kind: 'job-ended'
      readonly job: string
      readonly command: string
      readonly result: JobResult
      /** A run of this program, which tells people itself what became of it. */
      readonly isOwn: boolean
      readonly elapsedMs: number
    }
  | {
      /** It was due while the service did not run, and is not made up for. */
      readonly kind: 'start-missed'
      readonly job: string
      readonly command: string
      readonly due: Date
    }
  | {
      readonly kind: 'job-skipped'
      readonly job: string
      readonly command: string
      /** When it was due, and since when it still runs. */
      readonly due: Date
      readonly runningSince: Date
    }
  | {
      /** Between two cycles of BACKUP_PERIOD. */
      readonly kind: 'service-sleeps'
      /** As configured: `1d`. */
      readonly period: string
    }
  | {
      readonly kind: 'configuration-applied'
      /** The lines of the schedule that are in force now. */
      readonly schedule: readonly string[]
    }
  | {
      /** The schedule stays as it was. */
      readonly kind: 'configuration-refused'
      readonly error: unknown
    }
  | {
      /** The port of the pages is taken, or not to be had. */
      readonly kind: 'pages-refused'
      readonly error: unknown
    }
  | { readonly kind: 'service-stopping'; readonly why: string; readonly running: number }
