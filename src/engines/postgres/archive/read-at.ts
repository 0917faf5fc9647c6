import type { FileHandle } from 'node:fs/promises'

/** Up to `bytes` bytes from a position; fewer at the end of the file. */
export async function readAt(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** Whether all that is left of the file from a position on is NUL, as tapes and disks pad. */
export async function isPadding(file: FileHandle, at: number): Promise<boolean> {
  for (let next = at; ; ) {
    const bytes = await readAt(file, next, 64 * 1024)
    if (bytes.length === 0) return true
    if (bytes.some((byte) => byte !== 0)) return false
    next += bytes.length
  }
}
