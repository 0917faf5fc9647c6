import { readFile } from 'node:fs/promises'

/** @throws the error of the file system, with its `code`. */
export async function readIdentity(path: string): Promise<string> {
  return await readFile(path, 'latin1')
}

const opensshBegins = '-----BEGIN OPENSSH PRIVATE KEY-----'
const opensshMagic = 'openssh-key-v1\0'

/**
 * Why nobody could use an identity without being asked for a passphrase, in words; null: one can.
 * The program age would ask the terminal for it, and wait.
 */
export function problemOfIdentity(text: string): string | null {
  const isAgeFile =
    text.startsWith('age-encryption.org/') || text.includes('-----BEGIN AGE ENCRYPTED FILE-----')
  const isLocked = isAgeFile || /^Proc-Type:.*ENCRYPTED/mu.test(text) || isLockedOpenssh(text)
  return isLocked ? 'it has a passphrase of its own, and nobody is there to be asked for it' : null
}

/** Its magic is followed by the name of the cipher: `none` when there is no passphrase. */
function isLockedOpenssh(text: string): boolean {
  if (!text.includes(opensshBegins)) return false
  const [, body = ''] = text.split(opensshBegins)
  const bytes = Buffer.from(body.split('-----')[0] ?? '', 'base64')
  const at = opensshMagic.length
  if (bytes.subarray(0, at).toString('latin1') !== opensshMagic || bytes.length < at + 8)
    return false
  const length = bytes.readUInt32BE(at)
  return bytes.subarray(at + 4, at + 4 + length).toString('latin1') !== 'none'
}
