import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isCode } from '../../../platform/index.ts'

const patienceMs = 5_000

/**
 * Ends the server of an interrupted verification. The process must say of itself that it is a
 * postgres with exactly this data directory: a process number may long be somebody else's (D-34).
 */
export async function endLeftOver(data: string, signal: AbortSignal): Promise<void> {
  const pid = await pidIn(data)
  if (pid === null || !servesFrom(pid, data)) return
  const deadline = performance.now() + patienceMs
  send(pid, 'SIGQUIT')
  while (servesFrom(pid, data)) {
    await pause(50, undefined, { signal })
    if (performance.now() > deadline) send(pid, 'SIGKILL')
  }
}

/** The first line of `postmaster.pid`; null when there is none. */
export async function pidIn(data: string): Promise<number | null> {
  try {
    const [line = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
    const pid = Number.parseInt(line, 10)
    return pid > 1 ? pid : null
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

function servesFrom(pid: number, data: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return (words[0] ?? '').endsWith('postgres') && words[words.indexOf('-D') + 1] === data
  } catch {
    return false
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error
  }
}
