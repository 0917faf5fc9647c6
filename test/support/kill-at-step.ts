/*
 * Preloaded: kills this process, as hard as it goes, just before its n-th step on the file system,
 * where n is KILL_AT_STEP.
 */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const killAt = Number(process.env['KILL_AT_STEP'])
let steps = 0

type Step = (...args: unknown[]) => Promise<unknown>

function countSteps(target: Record<string, Step>, names: readonly string[]): void {
  for (const name of names) {
    const original = target[name]
    if (original === undefined) throw new Error(`There is no step ${name}.`)
    target[name] = async function (this: unknown, ...args) {
      steps += 1
      if (steps === killAt) process.kill(process.pid, 'SIGKILL')
      return await original.apply(this, args)
    }
  }
}

const handle = await fs.open('/dev/null')
const prototype = Object.getPrototypeOf(handle) as Record<string, Step>
await handle.close()
countSteps(prototype, ['write', 'writeFile', 'sync', 'datasync', 'chmod', 'stat'])
countSteps(fs as unknown as Record<string, Step>, [
  'open',
  'mkdir',
  'chmod',
  'rename',
  'rm',
  'rmdir',
  'unlink',
  'link',
  'stat',
  'lstat',
  'readdir',
])
syncBuiltinESMExports()
