import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'backup-container-test-'
const variable = 'BACKUP_CONTAINER_TEST_RUN'
const anHour = 3_600_000

/**
 * The folder of this test run, which holds everything that it makes. All processes of a run use the one
 * that the first of them made, which also removes it when it ends.
 */
export function runFolder(): string {
  const known = process.env[variable]
  if (known !== undefined && existsSync(known)) return known
  removeLeftOvers()
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  // Servers run as another user, who must be able to pass through; their own folders are 0700.
  chmodSync(folder, 0o755)
  process.env[variable] = folder
  process.once('exit', () => removeIfPossible(folder))
  return folder
}

/** Runs that were killed could not clean up; their process is gone and their folder is old. */
function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : undefined
    if (pid === undefined || isAlive(Number(pid))) continue
    const folder = join(tmpdir(), name)
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > anHour) removeIfPossible(folder)
  }
}

/** What a killed test has mounted or made immutable stays, and is no reason to run no tests. */
function removeIfPossible(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    console.warn(`Left over from an earlier run: ${folder} (${String(error)})`)
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch {
    return false
  }
}

/** Ended, but nobody has asked for its status: an adopted orphan in a container without init. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.startsWith('Z') ?? false
  } catch {
    return true
  }
}

/** A new, empty folder in the run's folder. */
export function newRunFolder(name: string): string {
  return mkdtempSync(join(runFolder(), `${name}-`))
}
