import { accountLine, exitStatus, type RunEvent } from '../model/index.ts'

/** Sums a run up for the one message that Kubernetes keeps of a pod that has ended. */
export class LastWord {
  readonly #good: string[] = []
  readonly #bad: string[] = []
  /** Of a service: why it ended. */
  #why: string | null = null

  follow(event: RunEvent): void {
    if (event.kind === 'backup-succeeded') this.#good.push('backed up')
    if (event.kind === 'backup-failed') {
      this.#bad.push(`${event.database.spec.written}: ${accountLine(event.error)}`)
    }
    if (event.kind === 'prune-failed') {
      this.#bad.push(`Pruning ${event.database.spec.written}: ${accountLine(event.error)}`)
    }
    if (event.kind === 'verification-ended') this.#judge(event)
    if (event.kind === 'service-stopping') this.#why = event.why
  }

  /** `error` is what ended the run, if anything did. */
  text(status: number, error?: unknown): string {
    if (error !== undefined) return [accountLine(error), ...this.#bad].join('\n')
    const total = this.#good.length + this.#bad.length
    if (this.#bad.length > 0)
      return [`Failed: ${this.#bad.length} of ${total}.`, ...this.#bad].join('\n')
    if (status !== exitStatus.good) return `Failed with exit status ${status}.`
    return total === 0 ? (this.#why ?? 'Ended well.') : `${total} of ${total} ${this.#good[0]}.`
  }

  #judge(event: RunEvent & { kind: 'verification-ended' }): void {
    const { database, verification, newestBad } = event
    const { verdict, differences } = verification
    const isGood = verdict === 'verified' || verdict === 'verified-with-exceptions'
    if (isGood && newestBad === null) this.#good.push('verified')
    else if (isGood) this.#bad.push(`${database.spec.written}: ${newestBad}`)
    else this.#bad.push(`${database.spec.written}: ${verdict}: ${differences.join('; ')}`)
  }
}
