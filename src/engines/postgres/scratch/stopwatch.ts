import type { Phase } from '../../../model/index.ts'

/** Keeps how long each phase took, also of one that failed. */
export class Stopwatch {
  readonly #phases: Phase[] = []

  async time<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const started = performance.now()
    try {
      return await work()
    } finally {
      this.#phases.push({ name, ms: Math.round(performance.now() - started) })
    }
  }

  phases(): readonly Phase[] {
    return [...this.#phases]
  }
}
