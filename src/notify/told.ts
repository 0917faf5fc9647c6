import type { ConfiguredDatabase, NoticeFigures, NoticeKind, NoticeLevel } from '../model/index.ts'

/** What an event is worth telling; spec and figures are absent where there are none. */
export interface Told {
  readonly kind: NoticeKind
  readonly level: NoticeLevel
  readonly message: string
  readonly database?: ConfiguredDatabase | null
  readonly figures?: NoticeFigures
}
