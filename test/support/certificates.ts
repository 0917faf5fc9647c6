import { chownSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fakeTime } from './fake-time.ts'
import { newRunFolder } from './run-folder.ts'
import { runAsServerUser, serverUser } from './unprivileged.ts'

export interface Certificate {
  /** PEM files. */
  readonly certificate: string
  readonly key: string
}

/** A certificate authority of one's own. */
export interface Authority extends Certificate {
  /** A certificate for 127.0.0.1; `at` is when it was made, it is valid for ten days. */
  issue(name: string, at?: Date): Promise<Certificate>
}

/** Makes one, with files that servers can read. */
export async function makeAuthority(): Promise<Authority> {
  const folder = newRunFolder('authority')
  const owner = serverUser()
  if (owner !== null) chownSync(folder, owner.uid, owner.gid)
  const own = filesOf(folder, 'authority')
  const openssl = (at: Date, ...args: readonly string[]): Promise<string> =>
    runAsServerUser(['openssl', ...args], { cwd: folder, environment: fakeTime(at) })
  const yearsAgo = new Date(Date.now() - 3 * 365 * 86_400_000)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const about = ['-subj', '/CN=Authority of a test', '-days', '3650']
  const out = ['-keyout', own.key, '-out', own.certificate]
  await openssl(yearsAgo, 'req', '-x509', ...newKey, ...out, ...about)
  const signed = ['-days', '10', '-CA', own.certificate, '-CAkey', own.key]
  return {
    ...own,
    issue: async (name, at = new Date(Date.now() - 86_400_000)) => {
      const { certificate, key } = filesOf(folder, name)
      const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)]
      await writeFile(extensions, 'subjectAltName = IP:127.0.0.1\n')
      const subject = ['-subj', `/CN=${name}`]
      await openssl(at, 'req', ...newKey, '-keyout', key, '-out', request, ...subject)
      const files = ['-in', request, '-out', certificate, '-extfile', extensions]
      await openssl(at, 'x509', '-req', ...files, ...signed)
      return { certificate, key }
    },
  }
}

function filesOf(folder: string, name: string): Certificate {
  return { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
}
