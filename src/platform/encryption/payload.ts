import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** The algorithm of both ends of an age file (C2SP age, "Payload"). */
const algorithm = 'chacha20-poly1305'
const chunkBytes = 64 * 1024
const nonceBytes = 16
const tagBytes = 16

/**
 * What follows the header of an age file, for a key of its own: chunks of 64 KiB, each sealed with
 * its number, the last one marked. The library does the same in JavaScript, several times slower.
 */
export async function* sealedPayload(
  bytes: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const nonce = randomBytes(nonceBytes)
  yield nonce
  const sealer = new Sealer(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)))
  const held = Buffer.alloc(chunkBytes)
  let used = 0
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; ) {
      // A full chunk waits until it is known not to be the last.
      if (used === chunkBytes) {
        yield sealer.seal(held, false)
        used = 0
      }
      const part = chunk.subarray(at, at + chunkBytes - used)
      held.set(part, used)
      used += part.length
      at += part.length
    }
  }
  yield sealer.seal(held.subarray(0, used), true)
}

class Sealer {
  readonly #key: Buffer
  #number = 0

  constructor(key: Buffer) {
    this.#key = key
  }

  seal(plain: Uint8Array, isLast: boolean): Buffer {
    const nonce = Buffer.alloc(12)
    // Eleven bytes of number; six of them are enough for 16 exabytes.
    nonce.writeUIntBE(this.#number, 5, 6)
    nonce[11] = isLast ? 1 : 0
    this.#number += 1
    const cipher = createCipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes })
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
}
