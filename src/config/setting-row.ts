import type { Kind } from './setting-kinds.ts'

/** One variable. Its reader, `--help` and `docs/configuration.md` come from here. */
export interface Row {
  readonly kind: Kind
  /** The value when nothing is set; null leaves it unset. */
  readonly fallback: string | null
  /** For the user: short, as `--help` has it on one line. */
  readonly about: string
  /** For messages about a mistake; default: that of its kind. */
  readonly example?: string
  /** All names that are looked up, the first that is set wins; default: the variable alone. */
  readonly lookup?: readonly string[]
}

export type Rows = Readonly<Record<string, Row>>
