import { identityOf, Refusal } from '../model/index.ts'
import {
  type Appliance,
  bytesPerDay,
  comingRuns,
  listBackups,
  observe,
  planPruning,
  pruneDates,
  readJournal,
  viewOfStore,
} from '../operations/index.ts'
import { checkRestore } from './check-restore.ts'
import { errorLines } from './event-lines.ts'
import { line } from './line.ts'
import type { Effect, Message } from './message.ts'
import { firstPictureMs, pauseAfter } from './picture-pace.ts'
import { reduce } from './reduce.ts'
import { runTask } from './run-task.ts'
import type { State } from './state.ts'
import type { Task } from './task.ts'

/** How often figures that grow by themselves are drawn anew, in milliseconds. */
const tickMs = 1_000
/** While nothing goes on, ages grow by steps that nobody needs every second. */
const idleTicks = 10
const runsAhead = 20
/** Enough for a year of nights, and to know how large was what has been pruned. */
const mostRuns = 1_000

type Of<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>

/**
 * The only place that holds the state and does something: what happens goes in, and what the state
 * then asks for is done.
 */
export class Machine {
  readonly #appliance: Appliance
  readonly #listeners = new Set<() => void>()
  readonly #left = Promise.withResolvers<void>()
  #state: State
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null
  #checking: AbortController | null = null
  #observing: Promise<void> | null = null
  #isStale = false
  #ticking: NodeJS.Timeout | null = null
  #nextPicture: NodeJS.Timeout | null = null
  #isLeaving = false
  #ticks = 0
  #redraw: () => void = () => undefined

  constructor(appliance: Appliance, state: State) {
    this.#appliance = appliance
    this.#state = state
  }

  /** Settles when somebody has left and nothing goes on any more; rejects with a defect. */
  get left(): Promise<void> {
    return this.#left.promise
  }

  readonly current = (): State => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly dispatch = (message: Message): void => {
    const { state, effects } = reduce(this.#state, message, this.#appliance.clock.now())
    this.#state = state
    for (const listener of this.#listeners) listener()
    for (const effect of effects) this.#perform(effect)
  }

  /** @param redraw draws the screen anew, whatever others have done to it. */
  begin(redraw: () => void): void {
    this.#redraw = redraw
    const { signal } = this.#appliance
    this.#ticking = setInterval(() => {
      this.#ticks += 1
      const isDue = this.#running !== null || this.#ticks % idleTicks === 0
      if (isDue) this.dispatch({ kind: 'ticked' })
    }, tickMs)
    signal.addEventListener('abort', () => this.#perform({ kind: 'leave' }), { once: true })
    this.#perform({ kind: signal.aborted ? 'leave' : 'observe' })
  }

  #perform(effect: Effect): void {
    void this.#try(effect)
  }

  /** What people can act on is shown; a defect ends the program, as everywhere. */
  async #try<Kind extends Effect['kind']>(effect: Of<Kind>): Promise<void> {
    try {
      const perform: (effect: Of<Kind>) => Promise<void> = this.#doing[effect.kind]
      await perform(effect)
    } catch (error) {
      if (!(error instanceof Refusal)) this.#left.reject(error)
      else if (!this.#isLeaving) this.dispatch({ kind: 'warned', lines: errorLines(error) })
    }
  }

  readonly #doing: { readonly [Kind in Effect['kind']]: (effect: Of<Kind>) => Promise<void> } = {
    observe: () => this.#observe(),
    'read-retention': (effect) => this.#readRetention(effect),
    'read-store': (effect) => this.#readStore(effect),
    'plan-pruning': (effect) => this.#planPruning(effect),
    'check-restore': (effect) => this.#checkRestore(effect),
    'stop-check': async () => this.#checking?.abort(stopped()),
    run: ({ task }) => this.#run(task),
    redraw: async () => this.#redraw(),
    cancel: async () => this.#running?.stop.abort(stopped()),
    leave: () => this.end().then(() => this.#left.resolve()),
  }

  /** One at a time; who asks meanwhile gets another one afterwards. */
  async #observe(): Promise<void> {
    this.#isStale = this.#observing !== null
    if (this.#observing !== null) return await this.#observing
    this.#observing = this.#takePicture().finally(() => {
      this.#observing = null
    })
    await this.#observing
    if (this.#isStale && !this.#isLeaving) await this.#observe()
  }

  async #takePicture(): Promise<void> {
    const started = performance.now()
    try {
      await this.#look()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.dispatch({ kind: 'unreadable', problem: `${error.message} ${error.reason}` })
    }
    if (this.#isLeaving) return
    const tookMs = performance.now() - started
    this.#pictureIn(pauseAfter(tookMs, { isBusy: this.#running !== null }))
  }

  #pictureIn(pauseMs: number): void {
    clearTimer(this.#nextPicture)
    this.#nextPicture = setTimeout(() => this.#perform({ kind: 'observe' }), pauseMs)
  }

  async #look(): Promise<void> {
    const appliance = this.#appliance
    const observation = await observe(appliance)
    this.dispatch({ kind: 'observed', observation })
    const entries = await readJournal(appliance, { limit: mostRuns })
    const now = appliance.clock.now()
    const ahead = comingRuns(appliance.configuration, entries, { now, limit: runsAhead })
    const runs = entries.map(({ run }) => run)
    const journal = { entries, ahead, bytesPerDay: bytesPerDay(runs, now) }
    this.dispatch({ kind: 'journal-read', journal })
  }

  async #readRetention({ database }: Of<'read-retention'>): Promise<void> {
    const [plan] = await planPruning(this.#appliance, [database])
    const decisions = plan?.decisions ?? []
    const kept = decisions.filter(({ keep }) => keep).map(({ backup }) => backup)
    this.dispatch({
      kind: 'retention-read',
      identity: identityOf(database.spec),
      retention: {
        decisions: new Map(decisions.map((decision) => [decision.backup.path, decision])),
        dates: pruneDates(this.#appliance, database, kept),
      },
    })
  }

  async #readStore({ store }: Of<'read-store'>): Promise<void> {
    try {
      const view = await viewOfStore(this.#appliance, store)
      const { inventory } = await listBackups(view, { live: false })
      const backups = new Map([...inventory.of].map(([{ spec }, all]) => [identityOf(spec), all]))
      this.dispatch({ kind: 'store-read', store, elsewhere: { state: 'read', backups } })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const problem = `${error.message} ${error.reason}`
      this.dispatch({ kind: 'store-read', store, elsewhere: { state: 'refused', problem } })
    }
  }

  async #planPruning({ databases }: Of<'plan-pruning'>): Promise<void> {
    const plans = await planPruning(this.#appliance, databases)
    this.dispatch({ kind: 'prune-planned', plans })
  }

  async #checkRestore({ draft }: Of<'check-restore'>): Promise<void> {
    this.#checking?.abort(stopped())
    const stop = new AbortController()
    this.#checking = stop
    const check = await checkRestore(this.#with(stop), draft)
    this.dispatch({ kind: 'restore-checked', draft, check })
  }

  async #run(task: Task): Promise<void> {
    const stop = new AbortController()
    const running = runTask(task, {
      appliance: this.#with(stop),
      onLines: (lines) => this.dispatch({ kind: 'warned', lines }),
    })
    this.#running = { stop, ended: running.then(() => undefined) }
    this.#pictureIn(firstPictureMs)
    const outcome = await running
    this.#running = null
    this.dispatch({ kind: 'ended', outcome })
  }

  #with(stop: AbortController): Appliance {
    return {
      ...this.#appliance,
      signal: AbortSignal.any([this.#appliance.signal, stop.signal]),
      tell: (event) => this.dispatch({ kind: 'told', event }),
    }
  }

  /** Ends what goes on, in order; nothing is begun any more. */
  async end(): Promise<void> {
    this.#isLeaving = true
    clearTimer(this.#ticking)
    clearTimer(this.#nextPicture)
    this.#checking?.abort(stopped())
    this.#running?.stop.abort(stopped())
    await this.#running?.ended
  }

  /** A line that somebody wanted on the terminal while it is ours. */
  warn(text: string): void {
    this.dispatch({ kind: 'warned', lines: [line(text.trimEnd(), 'warn')] })
  }
}

function clearTimer(timer: NodeJS.Timeout | null): void {
  if (timer !== null) clearTimeout(timer)
}

function stopped(): Refusal {
  return new Refusal('Cancelled, as you wished; nothing half-done stays.', {
    advice: 'Start it again when you are ready.',
    exitStatus: 130,
  })
}
