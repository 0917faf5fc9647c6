import type { FtpClient } from './client.ts'

/** What `action` does with the client, until `signal` aborts: then the client is closed at once. */
export async function untilAborted<Result>(
  client: FtpClient,
  signal: AbortSignal,
  action: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => {
    client.close()
    aborted.reject(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([action(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
