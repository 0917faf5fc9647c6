import { FtpClient } from './client.ts'
import { explainFtpError, isCrowded, isLost, wantsOlderTls } from './errors.ts'
import { logIn } from './log-in.ts'
import type { FtpOptions } from './options.ts'
import { untilAborted } from './until-aborted.ts'

/** Servers allow few for one user; a connection does one transfer at a time. */
const mostAtOnce = 4
/** After that a connection is asked whether it still lives. */
const freshMs = 5_000
const idleMs = 20_000
/**
 * Servers forget TLS sessions, often after five minutes, and data connections must then not be
 * opened by an old control connection any more.
 */
const longestLifeMs = 240_000

type Action<Result> = (client: FtpClient) => Promise<Result>

interface Session {
  readonly client: FtpClient
  readonly bornAt: number
  /** Milliseconds since 1970; 0: it was not idle yet. */
  restingSince: number
  timer: NodeJS.Timeout | null
}

/** The logged-in connections of a store. An idle one does not keep the process alive. */
export class Sessions {
  readonly #options: FtpOptions
  readonly #ca: string | undefined
  readonly #idle: Session[] = []
  readonly #waiting = new Set<() => void>()
  #inUse = 0
  #most = mostAtOnce
  #onlyOlderTls = false

  constructor(options: FtpOptions, ca: string | undefined) {
    this.#options = options
    this.#ca = ca
  }

  /** What `action` does with a connection of its own. @throws {Refusal} that begins with `what`. */
  async use<Result>(what: string, signal: AbortSignal, action: Action<Result>): Promise<Result> {
    return await this.#explaining(what, signal, () => this.#try(signal, action, false))
  }

  /**
   * As `use`, for what can be done twice: it is, when an idle connection turns out to be dead, or
   * when the server objects to new TLS only now.
   */
  async look<Result>(what: string, signal: AbortSignal, action: Action<Result>): Promise<Result> {
    return await this.#explaining(what, signal, () => this.#try(signal, action, true))
  }

  async #explaining<Result>(
    what: string,
    signal: AbortSignal,
    action: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await action()
    } catch (error) {
      signal.throwIfAborted()
      throw explainFtpError(error, what, this.#options)
    }
  }

  /**
   * After any failure the connection is closed: answers that are still under way would be taken for
   * those to the next commands.
   */
  async #try<Result>(
    signal: AbortSignal,
    action: Action<Result>,
    mayRepeat: boolean,
  ): Promise<Result> {
    const session = await this.#take(signal)
    try {
      const result = await untilAborted(session.client, signal, () => action(session.client))
      this.#rest(session)
      return result
    } catch (error) {
      session.client.close()
      const isTlsToBlame = wantsOlderTls(error)
      if (isTlsToBlame) this.#onlyOlderTls = true
      const wasIdle = session.restingSince > 0
      if (!mayRepeat || signal.aborted || !isLost(error) || !(wasIdle || isTlsToBlame)) throw error
    } finally {
      this.#inUse -= 1
      this.#wakeOne()
    }
    this.#closeIdle()
    return await this.#try(signal, action, false)
  }

  async #take(signal: AbortSignal): Promise<Session> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#inUse >= this.#most) {
        await this.#turn(signal)
        continue
      }
      this.#inUse += 1
      try {
        return (await this.#rested(signal)) ?? (await this.#connect(signal))
      } catch (error) {
        this.#inUse -= 1
        if (!isCrowded(error) || this.#inUse + this.#idle.length === 0) {
          this.#wakeOne()
          throw error
        }
        // Others of ours are connected, so the limit of the server is known now.
        this.#most = Math.max(1, this.#inUse)
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    await promise
    signal.removeEventListener('abort', wake)
    this.#waiting.delete(wake)
    // It may have been its turn, and it will not take it.
    if (signal.aborted) this.#wakeOne()
  }

  #wakeOne(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    this.#waiting.delete(first)
    first()
  }

  async #connect(signal: AbortSignal): Promise<Session> {
    const client = new FtpClient(this.#options.timeoutSeconds * 1000)
    const trust = { ca: this.#ca, onlyOlderTls: this.#onlyOlderTls }
    try {
      await untilAborted(client, signal, () => logIn(client, this.#options, trust))
    } catch (error) {
      client.close()
      throw error
    }
    return { client, bornAt: Date.now(), restingSince: 0, timer: null }
  }

  /** An idle connection that still works; null: none. */
  async #rested(signal: AbortSignal): Promise<Session | null> {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (session.timer !== null) clearTimeout(session.timer)
      const { client, restingSince } = session
      client.ftp.socket.ref()
      if (await this.#works(session, Date.now() - restingSince > freshMs, signal)) return session
      client.close()
    }
    return null
  }

  async #works({ client, bornAt }: Session, ask: boolean, signal: AbortSignal): Promise<boolean> {
    if (client.closed || Date.now() - bornAt > longestLifeMs) return false
    if (!ask) return true
    try {
      await untilAborted(client, signal, () => client.send('NOOP'))
      return true
    } catch {
      // Whatever it was, a new connection will tell.
      signal.throwIfAborted()
      return false
    }
  }

  /** What became of one has most likely become of all. */
  #closeIdle(): void {
    for (const { client, timer } of this.#idle.splice(0)) {
      if (timer !== null) clearTimeout(timer)
      client.close()
    }
  }

  #rest(session: Session): void {
    const { client } = session
    if (client.closed) return
    session.restingSince = Date.now()
    session.timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(session), 1)
      client.close()
    }, idleMs).unref()
    client.ftp.socket.unref()
    this.#idle.push(session)
  }
}
