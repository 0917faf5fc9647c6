import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A process as /proc showed it, at one moment. */
export interface Sight {
  readonly pid: number
  readonly commandLine: string
  /** Empty where it belongs to somebody else and we are not root. */
  readonly environment: string
}

/** Looks at all processes, over and over, until `work` has settled; each new sight goes to `look`. */
export async function watchingProcesses<Result>(
  work: Promise<Result>,
  look: (sight: Sight) => void,
): Promise<Result> {
  const settled = new AbortController()
  const done = work.finally(() => settled.abort())
  const seen = new Set<string>()
  while (!settled.signal.aborted) {
    for (const sight of sights()) {
      const key = `${sight.pid} ${sight.commandLine}`
      if (seen.has(key)) continue
      seen.add(key)
      look(sight)
    }
    await nextTurn()
  }
  return await done
}

function sights(): readonly Sight[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name))
  return pids.flatMap((pid) => {
    const commandLine = textOf(`/proc/${pid}/cmdline`)
    const environment = textOf(`/proc/${pid}/environ`)
    // Between fork and exec a process still looks like its parent: one that changes counts later.
    if (commandLine === '' || textOf(`/proc/${pid}/cmdline`) !== commandLine) return []
    return [{ pid: Number(pid), commandLine, environment }]
  })
}

/** Empty when the process is gone or is none of our business. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').replaceAll('\0', ' ').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return ''
    throw error
  }
}
