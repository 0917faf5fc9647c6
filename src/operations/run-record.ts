import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import {
  accountOf,
  type ConfiguredDatabase,
  type DatabaseOutcome,
  identityOf,
  Refusal,
  type RunDocument,
  sentencesOf,
  type Trigger,
} from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import type { MirrorOutcome } from './mirrors/mirror-run.ts'

/**
 * The document of the run that goes on, kept up to date on the volume. A document that cannot be
 * written is a warning: on a full volume the backup fails by itself, and pruning must go on.
 */
export class RunRecord {
  #document: RunDocument
  #saving: Promise<void> = Promise.resolve()
  #warned = false
  readonly #appliance: Appliance

  static async begin(
    appliance: Appliance,
    run: { readonly verb: RunDocument['verb']; readonly trigger: Trigger },
  ): Promise<RunRecord> {
    const record = new RunRecord(appliance, {
      ...run,
      job: appliance.job?.key,
      version: 1,
      id: randomUUID(),
      who: `${userName()}: ${appliance.what}`,
      host: hostname(),
      pid: process.pid,
      startedAt: appliance.clock.now().toISOString(),
      endedAt: null,
      result: null,
      databases: [],
      removed: [],
    })
    await record.#save()
    return record
  }

  private constructor(appliance: Appliance, document: RunDocument) {
    this.#appliance = appliance
    this.#document = document
  }

  async started({ spec }: ConfiguredDatabase, path: string): Promise<void> {
    await this.#put({
      spec: identityOf(spec),
      state: 'running',
      startedAt: this.#now(),
      endedAt: null,
      path,
      bytes: null,
      error: null,
    })
  }

  async succeeded({ spec }: ConfiguredDatabase, path: string, bytes: number): Promise<void> {
    const ended = { state: 'succeeded' as const, endedAt: this.#now(), path, bytes, error: null }
    await this.#put({ spec: identityOf(spec), ...ended })
  }

  async failed({ spec }: ConfiguredDatabase, error: unknown): Promise<void> {
    const state = this.#appliance.signal.aborted ? 'interrupted' : 'failed'
    const ended = { state, endedAt: this.#now(), path: null, bytes: null } as const
    await this.#put({ spec: identityOf(spec), ...ended, error: accountOf(error) })
  }

  /** To be called before files are deleted, so that what became of them is on record. */
  async removing(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    this.#document = { ...this.#document, removed: [...this.#document.removed, ...paths] }
    await this.#save()
  }

  /** To be called when deleting is over, with those that are still there. */
  async spared(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    const spared = new Set(paths)
    const removed = this.#document.removed.filter((path) => !spared.has(path))
    this.#document = { ...this.#document, removed }
    await this.#save()
  }

  /** What became of the copies. */
  async mirrored(outcomes: readonly MirrorOutcome[]): Promise<void> {
    if (outcomes.length === 0) return
    const mirrors = outcomes.map(({ failures, ...outcome }) => ({
      ...outcome,
      failures: failures.map(({ path, error }) => ({ path, error: accountOf(error) })),
    }))
    this.#document = { ...this.#document, mirrors }
    await this.#save()
  }

  async end(): Promise<void> {
    const { databases, mirrors = [] } = this.#document
    const bad =
      databases.some(({ state }) => state !== 'succeeded') ||
      mirrors.some(({ failures }) => failures.length > 0)
    const ended = bad ? 'failed' : 'succeeded'
    const result = this.#appliance.signal.aborted ? 'interrupted' : ended
    this.#document = { ...this.#document, endedAt: this.#now(), result }
    await this.#save()
  }

  async #put(outcome: DatabaseOutcome): Promise<void> {
    const { databases } = this.#document
    const before = databases.find(({ spec }) => spec === outcome.spec)
    const others = databases.filter((each) => each !== before)
    const after = { startedAt: before?.startedAt, ...outcome }
    this.#document = { ...this.#document, databases: [...others, after] }
    await this.#save()
  }

  /** One after the other, so that the newest state is what stays. */
  async #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write())
    await this.#saving
  }

  async #write(): Promise<void> {
    const { catalog, tell } = this.#appliance
    try {
      await catalog.saveRun(this.#document)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (this.#warned) return
      this.#warned = true
      const text = `The record of this run could not be written. ${sentencesOf(error.message, error.reason)}`
      tell({ kind: 'warning', database: null, text })
    }
  }

  #now(): string {
    return this.#appliance.clock.now().toISOString()
  }
}

/** An arbitrary UID in a container has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.()}`
  }
}
