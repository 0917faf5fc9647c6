import { readdirSync, readFileSync } from 'node:fs'
import { isCode } from './files.ts'

/** What belongs to one start of a job: its process group, and who has the mark in its environment. */
export interface JobMark {
  readonly group: number
  /** `NAME=value`, which no other start has. */
  readonly mark: string
}

/**
 * The processes of a job that are alive. One that left the group (`setsid`) is found by its
 * environment, as far as it may be read; zombies do not count, for nothing can be done about them.
 */
export function processesOfJob({ group, mark }: JobMark): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAliveIn(pid, { group, mark }))
}

function isAliveIn(pid: number, { group, mark }: JobMark): boolean {
  const stat = textOf(`/proc/${pid}/stat`)
  // Its second field may itself hold blanks and parentheses.
  const [state = 'X', , groupOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if ('ZX'.includes(state)) return false
  if (Number(groupOf) === group) return true
  return textOf(`/proc/${pid}/environ`).split('\0').includes(mark)
}

/** Empty for a process that is gone, or that we may not look at. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return ''
    throw error
  }
}
