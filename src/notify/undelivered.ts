import { accountLine, type Notice } from '../model/index.ts'
import { DeliveryProblem } from './delivery-problem.ts'
import type { InHand, Outbox } from './outbox.ts'
import { NoTurn } from './patience.ts'

/** After so many refusals of one notice itself, nobody will take it any more. */
const mostRefusals = 3

/** What one channel did not take: kept, and told of in one line with the reason and the count. */
export class Undelivered {
  readonly #name: string
  readonly #outbox: Outbox | null
  readonly #onProblem: (text: string) => void
  #waiting = 0
  #lost = 0
  #gone = 0
  #problem: unknown = null
  #whyLost: unknown = null

  constructor(
    name: string,
    options: { readonly outbox: Outbox | null; readonly onProblem: (text: string) => void },
  ) {
    this.#name = name
    this.#outbox = options.outbox
    this.#onProblem = options.onProblem
  }

  async keep(notice: Notice, problem: unknown): Promise<void> {
    this.#note(problem)
    if (this.#outbox === null) {
      this.#lost += 1
      return
    }
    const refusals = isRefusal(problem) ? 1 : 0
    try {
      this.#gone += await this.#outbox.keep({ channel: this.#name, notice, refusals })
      this.#waiting += 1
    } catch (error) {
      this.#lost += 1
      this.#whyLost = error
    }
  }

  /**
   * One that was kept was not taken either.
   * @returns true when it was refused so often that it is given up.
   */
  async putBack(kept: InHand, problem: unknown): Promise<boolean> {
    const refusals = kept.refusals + (isRefusal(problem) ? 1 : 0)
    if (refusals >= mostRefusals) {
      const { kind, at } = kept.notice
      await kept.settle()
      this.#onProblem(
        `${this.#name}: A notice (${kind}) of ${at.toISOString()} was refused ${refusals} times, and is given up. ${accountLine(problem)}`,
      )
      return true
    }
    this.#note(problem)
    await kept.putBack(refusals)
    this.#waiting += 1
    return false
  }

  /** One line for all since the last one. */
  async tell(): Promise<void> {
    const [waiting, lost] = [await this.#countOfWaiting(), this.#lost]
    const gone = this.#gone === 0 ? '' : ' The oldest that were kept are lost.'
    if (waiting > 0)
      this.#line(`${counted(waiting)} ${verb(waiting, 'wait')} for another try.${gone}`)
    const why =
      this.#whyLost === null ? '' : `, for it cannot be kept: ${accountLine(this.#whyLost)}`
    if (lost > 0) this.#line(`${counted(lost)} ${lost === 1 ? 'is' : 'are'} lost${why || '.'}`)
    this.#waiting = 0
    this.#lost = 0
    this.#gone = 0
    this.#problem = null
    this.#whyLost = null
  }

  /** All that lie there, also those of before that were not tried. */
  async #countOfWaiting(): Promise<number> {
    if (this.#waiting === 0 || this.#outbox === null) return 0
    try {
      return Math.max(this.#waiting, await this.#outbox.count(this.#name))
    } catch {
      // That it cannot be read is told where something is taken from it.
      return this.#waiting
    }
  }

  #line(what: string): void {
    this.#onProblem(`${this.#name}: ${what} ${accountLine(this.#problem)}`)
  }

  /** What the server said matters more than that others had no turn after it. */
  #note(problem: unknown): void {
    if (this.#problem === null || !(problem instanceof NoTurn)) this.#problem = problem
  }
}

function isRefusal(problem: unknown): boolean {
  return problem instanceof DeliveryProblem && problem.concernsNotice
}

function counted(count: number): string {
  return count === 1 ? '1 notice' : `${count} notices`
}

function verb(count: number, word: string): string {
  return count === 1 ? `${word}s` : word
}
