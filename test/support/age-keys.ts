import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A key pair for encryption: whoever has the public half can encrypt, the file decrypts. */
export interface KeyPair {
  readonly recipient: string
  readonly identityFile: string
}

/** A new key of age, its private half in a file at `path`. */
export function ageKey(path: string): KeyPair {
  execFileSync('age-keygen', ['-o', path], { stdio: 'ignore' })
  const recipient = execFileSync('age-keygen', ['-y', path], { encoding: 'utf8' }).trim()
  return { recipient, identityFile: path }
}

/** A new SSH key, its private half in a file at `path`. */
export function sshKey(path: string, passphrase = ''): KeyPair {
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    passphrase,
    '-C',
    'a comment',
    '-f',
    path,
  ])
  const [type, key] = readFileSync(`${path}.pub`, 'utf8').split(' ')
  return { recipient: `${type} ${key}`, identityFile: path }
}
