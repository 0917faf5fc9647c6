import type { RestorePlan } from '../engines/index.ts'
import type { Backup, ConfiguredDatabase, StoreName } from '../model/index.ts'
import type { Line } from './line.ts'

/** What a restore is to be, as far as it has been said. */
export interface RestoreDraft {
  readonly source: ConfiguredDatabase
  readonly backup: Backup
  /** Where that is; null: on the volume. */
  readonly from: StoreName | null
  /** As on the command line. */
  readonly target: string
  readonly keepOld: boolean
  readonly roles: boolean
  readonly inPlace: boolean
  readonly ignoreErrors: boolean
  /** Of the admin; empty: the one that is configured. Never shown. */
  readonly password: string
  readonly check: RestoreCheck
}

/** What the last look at the archive and the server said about exactly this draft. */
export type RestoreCheck =
  | { readonly state: 'none' }
  | { readonly state: 'running' }
  | { readonly state: 'refused'; readonly lines: readonly Line[] }
  | { readonly state: 'possible'; readonly target: ConfiguredDatabase; readonly plan: RestorePlan }

export function draftOf(
  source: ConfiguredDatabase,
  backup: Backup,
  from: StoreName | null,
): RestoreDraft {
  return {
    source,
    backup,
    from,
    target: source.spec.written,
    keepOld: false,
    roles: false,
    inPlace: false,
    ignoreErrors: false,
    password: '',
    check: { state: 'none' },
  }
}
