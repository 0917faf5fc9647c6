import type { S3Client } from '@aws-sdk/client-s3'
import { explain } from './explain.ts'
import type { Place } from './place.ts'

export interface Asking {
  readonly place: Place
  /** Begins the message of an error: `Storing 2026-11-20/app….sql.gz`. */
  readonly doing: string
  readonly signal: AbortSignal
}

/**
 * The server's answer to one request, which the SDK repeats if need be.
 * @throws {Refusal} what the server or the network said against it; or the signal's reason.
 */
export async function ask<Answer>(
  { place, doing, signal }: Asking,
  send: (client: S3Client, options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    // The SDK does not look at the signal while it pauses between two tries.
    return await Promise.race([send(place.client(), { abortSignal: signal }), aborted.promise])
  } catch (error) {
    const isOver = signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError'
    if (signal.aborted && !isOver) throw signal.reason
    throw explain(isOver ? signal.reason : error, doing, place)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
