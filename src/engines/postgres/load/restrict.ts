import { randomBytes } from 'node:crypto'
import { Refusal } from '../../../model/index.ts'
import type { CheckedArchive } from '../archive/archive.ts'
import type { Tools } from '../tools.ts'

/** The first minor of each major whose psql knows `\restrict` (CVE-2025-8714); newer majors all do. */
const firstMinors = new Map([
  [13, 22],
  [14, 19],
  [15, 14],
  [16, 10],
  [17, 6],
])

/** Whether the psql of a version such as `15.18 (Debian 15.18-0+deb12u1)` knows `\restrict`. */
function knowsRestrict(version: string): boolean {
  const [major = 0, minor = 0] = (/\d+(?:\.\d+)?/u.exec(version)?.[0] ?? '').split('.').map(Number)
  return major >= 18 || minor >= (firstMinors.get(major) ?? Number.POSITIVE_INFINITY)
}

/** What is sent to psql before and after a dump. */
export interface Guard {
  readonly before: Buffer
  readonly after: Buffer
}

/**
 * Our own guard around the whole stream, with a key that nobody could know: psql then refuses its
 * own commands wherever the dump has hidden one.
 * @throws {Refusal} when this psql knows no guard and the dump has such commands.
 */
export function guardFor({ psqlCommands }: CheckedArchive, { version }: Tools): Guard | null {
  if (knowsRestrict(version)) {
    const key = randomBytes(24).toString('hex')
    return {
      before: Buffer.from(`\\restrict ${key}\n`),
      after: Buffer.from(`\n\\unrestrict ${key}\n`),
    }
  }
  const [command] = psqlCommands
  if (command === undefined) return null
  throw new Refusal(`The dump tells psql to run a command of its own: ${command}`, {
    reason: `No pg_dump writes that, and psql ${version} has no way to forbid it.`,
    advice: 'Do not trust this archive. Use a newer psql if you must see what it does.',
  })
}
