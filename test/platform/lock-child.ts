/*
 * Takes the lock, says so, and does what its second argument says:
 *   hold    keeps it until stdin ends
 *   forget  ends without giving it back
 *   work    once stdin ends: takes it, checks that nobody else is inside, gives it back, again
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { acquireLock } from '../../src/platform/lock.ts'

const [folder = '', task = 'hold', rounds = '1'] = process.argv.slice(2)
const options = {
  what: `lock-child ${task}`,
  waitMs: 60_000,
  signal: new AbortController().signal,
  clock: { now: () => new Date() },
  modes: { file: 0o600, folder: 0o700 },
}

if (task === 'work') {
  console.log('ready')
  for await (const _ of process.stdin) continue
  for (let round = 0; round < Number(rounds); round += 1) await work()
} else {
  const lock = await acquireLock(folder, options)
  console.log('held')
  if (task === 'hold') {
    for await (const _ of process.stdin) continue
    await lock.release()
  }
}

async function work(): Promise<void> {
  await using _lock = await acquireLock(folder, options)
  const marker = join(folder, 'inside')
  const other = readMarker(marker)
  if (other !== null && isRunning(other)) console.log(`VIOLATION: ${other} is inside, too`)
  writeFileSync(marker, String(process.pid))
  console.log('inside')
  await pause(Math.random() * 5)
  if (readMarker(marker) !== process.pid) console.log('VIOLATION: somebody came in')
  rmSync(marker)
}

function readMarker(marker: string): number | null {
  try {
    return Number(readFileSync(marker, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
