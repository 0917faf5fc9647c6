import { execFile, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type ApplianceOptions, environmentFor } from './appliance.ts'
import { temporaryFolder } from './volume.ts'
import { waitUntil } from './wait-until.ts'

const run = promisify(execFile)
const lookMs = 50

export interface TmuxOptions extends Pick<ApplianceOptions, 'env' | 'cwd'> {
  /** Default: 80. */
  readonly columns?: number
  /** Default: 24. */
  readonly rows?: number
}

/** What a program has done to its terminal. */
export interface Modes {
  readonly alternateScreen: boolean
  readonly cursor: boolean
}

/** A terminal as a person sees it: what counts is what is on the screen, not what was written. */
export interface Tmux extends AsyncDisposable {
  /** Keys by the names of tmux: `Enter`, `Down`, `C-c`, `q`. */
  press(...keys: readonly string[]): Promise<void>
  /** Text as it is, without Enter. */
  type(text: string): Promise<void>
  /** The lines of the screen. With `escapes`: and the colours they have. */
  screen(options?: { readonly escapes?: boolean }): Promise<string>
  /** Resolves when the screen matches. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<string>
  resize(columns: number, rows: number): Promise<void>
  modes(): Promise<Modes>
  /** Closes the terminal under whatever runs in it. */
  close(): Promise<void>
}

/** A shell in a terminal of its own; its prompt is `$ `. The server ends with the test. */
export async function startTmux(options: TmuxOptions = {}): Promise<Tmux> {
  const { columns = 80, rows = 24, cwd = '/' } = options
  const folder = temporaryFolder()
  const env = {
    SHELL: '/bin/sh',
    LC_ALL: 'C.UTF-8',
    PS1: '$ ',
    TMUX_TMPDIR: folder.path,
    ...environmentFor(options),
  }
  const flags = ['-u', '-L', 'test', '-f', '/dev/null']
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'tmux', '-D', ...flags], {
    cwd,
    env,
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => server.once('close', resolve))
  const tmux = async (...args: readonly string[]): Promise<string> =>
    // Without -N a client that is too early starts a server of its own, which nobody ends.
    (await run('tmux', ['-N', ...flags, ...args], { env, cwd })).stdout
  const size = ['-x', String(columns), '-y', String(rows)]
  await waitUntil('a server of tmux', () =>
    tmux('new-session', '-d', ...size, '/bin/sh').then(
      () => true,
      () => false,
    ),
  )
  const screen: Tmux['screen'] = ({ escapes = false } = {}) =>
    tmux('capture-pane', '-p', ...(escapes ? ['-e'] : []))
  return {
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    screen,
    waitFor: (pattern, patience) =>
      waitUntil(
        `${String(pattern)} on the screen`,
        async () => {
          // Each look starts a program.
          await pause(lookMs)
          const text = await screen()
          return pattern.test(text) ? text : null
        },
        patience,
      ).catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await screen()}`)
      }),
    resize: async (width, height) =>
      void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
    modes: async () => {
      const text = await tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}')
      const [alternate, cursor] = text.trim().split(' ')
      return { alternateScreen: alternate === '1', cursor: cursor === '1' }
    },
    close: async () => void (await tmux('kill-server')),
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGTERM')
      await ended
      await folder[Symbol.asyncDispose]()
    },
  }
}
