import { pauseUnless } from './alarm.ts'

/** Passes bytes on, on average no more than so many per second; pauses when it is ahead. */
export async function* paced(
  bytes: AsyncIterable<Uint8Array>,
  perSecond: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const started = performance.now()
  let passed = 0
  for await (const chunk of bytes) {
    yield chunk
    passed += chunk.length
    const aheadMs = (passed / perSecond) * 1000 - (performance.now() - started)
    if (aheadMs > 1) await pauseUnless(signal, aheadMs)
  }
}
