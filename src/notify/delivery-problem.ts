import { type Account, Refusal } from '../model/index.ts'

/** Why a notice was not taken, with what the server said about another try. */
export class DeliveryProblem extends Refusal {
  /** In milliseconds; null: it said nothing. */
  readonly retryAfterMs: number | null

  constructor(message: string, account: Account, retryAfterMs: number | null = null) {
    super(message, account)
    this.retryAfterMs = retryAfterMs
  }
}
