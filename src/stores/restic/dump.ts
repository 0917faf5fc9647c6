import { Refusal } from '../../model/index.ts'
import { ProcessFailure } from '../../platform/index.ts'
import { untilAborted } from '../until-aborted.ts'
import { explained } from './problems.ts'
import type { WholeSnapshot } from './snapshots.ts'
import type { Restic } from './tool.ts'

/** The bytes of a file, which end without an error only when all of them came. */
export async function* dump(
  restic: Restic,
  { id, path, inSnapshot, bytes }: WholeSnapshot,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted()
  // Its path in the snapshot is another, and there is nothing to read.
  if (bytes === 0) return
  const child = restic.start(['dump', '--no-lock', id, inSnapshot], 'ignore')
  const { stdout } = child.process
  if (stdout === null) throw new TypeError('A dump needs an output.')
  let came = 0
  try {
    for await (const chunk of untilAborted<Buffer>(stdout, signal)) {
      came += chunk.length
      yield chunk
    }
    const ending = await child.ending
    if (ending.exitCode !== 0) {
      throw explained(`Reading ${path} from the restic repository`, new ProcessFailure(ending))
    }
    if (came !== bytes) throw incomplete(path, came, bytes)
  } finally {
    child.stop()
    stdout.destroy()
    await child.ending
  }
}

function incomplete(path: string, came: number, bytes: number): Refusal {
  return new Refusal(`${path} came as ${came} of ${bytes} bytes from the restic repository.`, {
    reason: 'Its snapshot does not hold what was saved.',
    advice: 'Run "restic check --read-data" on the repository; restore from another copy.',
  })
}
