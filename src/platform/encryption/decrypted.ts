import type { DecryptionKeys, Encryption } from '../../model/index.ts'
import { ageDecrypted } from './age-decrypted.ts'
import type { OpeningContext } from './opening-context.ts'
import { opensslDecrypted } from './openssl-decrypted.ts'

/**
 * The plain bytes of an encrypted file. What was given before an error must not be used: only the
 * end says that all of it is right.
 * @throws {NoKey} when the keys do not open it; {BadCiphertext} when it is damaged; whatever
 *   reading `bytes` throws.
 */
export function decrypted(
  bytes: AsyncIterable<Uint8Array>,
  { encryption, keys }: { readonly encryption: Encryption; readonly keys: DecryptionKeys },
  context: OpeningContext,
): AsyncIterable<Uint8Array> {
  return encryption === 'age'
    ? ageDecrypted(bytes, keys, context)
    : opensslDecrypted(bytes, keys.passphrase, context)
}
