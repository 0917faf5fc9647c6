import { type Account, Refusal } from '../model/index.ts'

interface Answer {
  /** In milliseconds; null: it said nothing. */
  readonly retryAfterMs?: number | null
  /** Default: false. */
  readonly concernsNotice?: boolean
}

/** Why a notice was not taken, with what the server said about another try. */
export class DeliveryProblem extends Refusal {
  readonly retryAfterMs: number | null
  /** It was refused for what is in it; another notice may be taken. */
  readonly concernsNotice: boolean

  constructor(message: string, account: Account, answer: Answer = {}) {
    super(message, account)
    this.retryAfterMs = answer.retryAfterMs ?? null
    this.concernsNotice = answer.concernsNotice ?? false
  }
}
