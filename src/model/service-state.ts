/** What a job of the service came to, the last time it ran. */
export type JobResult =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly exitStatus: number }
  /** Ended by `JOB_TIMEOUT`. */
  | { readonly kind: 'timed-out' }
  /** Ended because the service was told to stop. */
  | { readonly kind: 'interrupted' }

/** One thing that the service does again and again. */
export interface JobState {
  /** Its place: `backup.conf:3`, `CRON_SCHEDULE`, `BACKUP_PERIOD`. */
  readonly name: string
  /** As written; for display. */
  readonly command: string
  /** null: nothing ahead, or nobody knows because the present run has to end first. */
  readonly nextRun: Date | null
  readonly lastStart: Date | null
  readonly lastEnd: Date | null
  /** null: has not ended once since the service started. */
  readonly lastResult: JobResult | null
  /** null: it is not running now. */
  readonly runningSince: Date | null
}

/** How the service is doing; a picture of one moment, of times in this process's life only. */
export interface ServiceState {
  readonly mode: 'cron' | 'legacy'
  readonly startedAt: Date
  /** Of the newest reading of the configuration; the jobs may be those of an older one. */
  readonly configuration:
    | { readonly valid: true; readonly readAt: Date }
    | {
        readonly valid: false
        readonly readAt: Date
        /** Whole sentences, for people. */
        readonly problems: readonly string[]
      }
  readonly jobs: readonly JobState[]
  /** Since the event loop last turned; more than some seconds, and the process hangs. */
  readonly silentMs: number
  /** It was told to end, and waits for its jobs to do so. */
  readonly stopping: boolean
}
