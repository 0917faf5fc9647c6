import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isCode } from '../../../platform/index.ts'

const patienceMs = 5_000
const programs: ReadonlySet<string> = new Set(['postgres', 'initdb'])

/**
 * Ends what an interrupted verification left running: processes that say of themselves that they
 * are a postgres or an initdb of exactly this data directory. The number in `postmaster.pid` is
 * not believed, because it may long be somebody else's (D-34).
 */
export async function endLeftOver(data: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs
  const asked = new Set<number>()
  for (let pids = runningOn(data); pids.length > 0; pids = runningOn(data)) {
    const isLate = performance.now() > deadline
    for (const pid of pids.filter((each) => isLate || !asked.has(each))) {
      send(pid, isLate ? 'SIGKILL' : 'SIGQUIT')
      asked.add(pid)
    }
    await pause(50, undefined, { signal })
  }
}

/** None where there is no /proc: then nothing can be told apart. */
function runningOn(data: string): readonly number[] {
  return processes().filter((pid) => {
    const [program = '', ...args] = wordsOf(pid)
    const isOnData = args.some((word, at) => {
      return word === `--pgdata=${data}` || (args[at - 1] === '-D' && word === data)
    })
    return isOnData && programs.has(basename(program))
  })
}

function processes(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** The command line of a process; none when it has ended, or is a zombie. */
function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!isCode(error, 'ESRCH', 'EPERM')) throw error
  }
}
