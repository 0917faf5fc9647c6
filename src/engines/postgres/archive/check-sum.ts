import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Manifest } from '../../../model/index.ts'
import { Damage } from './damage.ts'

/** @throws {Damage} when the file does not have the size and the SHA-256 that were sealed. */
export async function checkSum(
  path: string,
  { bytes, sha256 }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  if (size !== bytes) throw new Damage(`it has ${size} bytes, but ${bytes} were sealed`)
  if (hash.digest('hex') !== sha256) throw new Damage('its checksum is not the one that was sealed')
}
