/** How much a notice matters; each channel has the level from which on it is told. */
export const noticeLevels = ['INFO', 'WARN', 'ERROR'] as const
export type NoticeLevel = (typeof noticeLevels)[number]

/** What a notice is about. */
export const noticeKinds = [
  'service-started',
  'backup-succeeded',
  'backup-failed',
  'verification-succeeded',
  'verification-failed',
  'restore-succeeded',
  'restore-failed',
  'pruned',
  'prune-failed',
  'mirror-succeeded',
  'mirror-failed',
  'mirror-caught-up',
  'configuration-error',
  'missed-run',
  'anomaly',
  'warning',
  'remark',
  'cycle',
  'verification-run',
  'restore-run',
  'prune-run',
  'mirror-run',
  'test',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** Something that people should hear of, in the same words in every channel. */
export interface Notice {
  readonly kind: NoticeKind
  readonly level: NoticeLevel
  readonly at: Date
  /** As configured; null: it is about no single database. */
  readonly spec: string | null
  /** Of the database of `spec`; its written form need not name it. */
  readonly engine?: string
  /** It was kept, and is sent some time after it was due. Default: false. */
  readonly isLate?: boolean
  /** For people; may have several lines. Holds no secret. */
  readonly message: string
  readonly figures: NoticeFigures
}

/** Fields that do not apply are absent. */
export interface NoticeFigures {
  /** Absolute path, or `<store>:<path>`. */
  readonly file?: string
  readonly bytes?: number
  readonly databaseBytes?: number
  readonly durationMs?: number
  readonly verdict?: string
  readonly store?: string
  readonly removed?: number
  readonly tables?: number
  readonly rows?: number
  readonly error?: { readonly message: string; readonly reason: string; readonly advice: string }
  /** Of a cycle: each of its databases. */
  readonly databases?: readonly {
    readonly spec: string
    readonly ok: boolean
    readonly bytes?: number
    readonly durationMs?: number
    readonly problem?: string
  }[]
  /** Of a cycle: the specs that were not due. */
  readonly skipped?: readonly string[]
}

/** A place where notices go. */
export interface NoticeChannel {
  /** `WEBHOOK_URL`, `EMAIL_TO`: for messages about it. */
  readonly name: string
  readonly level: NoticeLevel
  /** How long one try may take, and how long the end of a run waits for all that is left. */
  readonly timeoutMs: number
  /**
   * Delivers one, or rejects; one try, within its own time limit.
   * @throws {Refusal} what went wrong; `mayPass` where another try makes sense.
   */
  readonly send: (notice: Notice, signal: AbortSignal) => Promise<void>
}
