import { inProgressPathOf, Refusal, type Source } from '../../model/index.ts'
import { checkPath } from './names.ts'
import type { Transfer } from './open.ts'
import { Patience } from './patience.ts'
import { Upload } from './upload.ts'

/** How long tidying up may take after a failure, or after being told to stop. */
const tidyingMs = 5_000

/** Stores all bytes under `path`, or nothing. */
export async function put(path: string, source: Source, transfer: Transfer): Promise<void> {
  checkPath(path)
  const upload = new Upload(path, inProgressPathOf(path), source)
  try {
    await sendAll(upload, transfer)
  } catch (error) {
    const leftover = upload.begun ? await removePartial(upload.partial, transfer) : ''
    transfer.signal.throwIfAborted()
    if (upload.failure !== null) throw upload.failure.error
    throw withLeftover(error, leftover)
  }
}

async function sendAll(upload: Upload, { sessions, pausesMs, signal }: Transfer): Promise<void> {
  const patience = new Patience(pausesMs, signal)
  for (;;) {
    try {
      await sessions.use(`Sending ${upload.path}`, signal, (client) => upload.attempt(client))
      return
    } catch (error) {
      if (!upload.mayGoOn) throw error
      await patience.waitOrThrow(error, upload.reached)
    }
  }
}

/** What is left, in words; a second failure must not hide the first. */
async function removePartial(partial: string, { sessions }: Transfer): Promise<string> {
  const signal = AbortSignal.timeout(tidyingMs)
  try {
    await sessions.look(`Removing ${partial}`, signal, async (client) => {
      await client.sendIgnoringError(`DELE ${partial}`)
    })
    return ''
  } catch {
    return ` Its unfinished file ${partial} may still be there; the next try replaces it.`
  }
}

function withLeftover(error: unknown, leftover: string): unknown {
  if (leftover === '' || !(error instanceof Refusal)) return error
  const { message, reason, advice, exitStatus, mayPass, concernsStore } = error
  const why = { reason: reason + leftover, advice, exitStatus }
  const told = { ...why, mayPass, concernsStore, cause: error }
  return new Refusal(message, told)
}
