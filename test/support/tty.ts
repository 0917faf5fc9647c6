import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { type ApplianceOptions, environmentFor, launcher } from './appliance.ts'
import { waitUntil } from './wait-until.ts'

export interface TerminalOptions extends Omit<ApplianceOptions, 'stdin' | 'signal'> {
  readonly columns?: number
  readonly rows?: number
}

export interface Terminal extends AsyncDisposable {
  /** Keys, as the terminal sends them: `\r` is Enter, `\u0003` Ctrl-C. */
  type(keys: string): void
  /** Resolves when the screen's text, without colours, matches. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** Everything written so far, escape sequences included. */
  output(): string
  readonly done: Promise<{ readonly status: number; readonly output: string }>
}

/** Runs `docker/backup.sh` in a pseudo-terminal of its own (by script(1) of util-linux). */
export function startInTerminal(args: readonly string[], options: TerminalOptions = {}): Terminal {
  return startProgramInTerminal([launcher, ...args], options)
}

export function startProgramInTerminal(
  command: readonly string[],
  { columns = 100, rows = 30, timeoutMs = 60_000, cwd = '/', ...options }: TerminalOptions = {},
): Terminal {
  const line = `stty cols ${columns} rows ${rows}; exec ${command.map(shellQuoted).join(' ')}`
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'script', '--quiet', '--return', '--command', line, '/dev/null'],
    {
      cwd,
      env: { TERM: 'xterm-256color', SHELL: '/bin/sh', ...environmentFor(options) },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stdin?.on('error', () => {})
  const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const { promise: done, resolve, reject } = Promise.withResolvers<Awaited<Terminal['done']>>()
  child.once('error', reject)
  child.once('close', (status: number | null) => {
    clearTimeout(deadline)
    resolve({ status: status ?? 137, output })
  })
  return {
    type: (keys) => void child.stdin?.write(keys),
    waitFor: (pattern, patience) =>
      waitUntil(
        `${String(pattern)} on the terminal`,
        () => pattern.exec(stripVTControlCharacters(output)),
        patience,
      ).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${output}`))),
    output: () => output,
    done,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await done
    },
  }
}

function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
