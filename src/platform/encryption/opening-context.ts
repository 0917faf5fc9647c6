import type { Environment } from '../base-environment.ts'

export interface OpeningContext {
  readonly environment: Environment
  readonly signal: AbortSignal
  /** Whether plain bytes begin as they should: `openssl enc` has no other sign of the right key. */
  readonly looksRight: (first: Buffer) => boolean
}
