/** Encryption: standard age files, and reading those of `openssl enc`. */

export { decrypted } from './decrypted.ts'
export { encrypted, refuseIfNotPossible } from './encrypted.ts'
export { BadCiphertext, NoKey } from './failures.ts'
