import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fakeTime } from './fake-time.ts'
import { newRunFolder } from './run-folder.ts'

/** A certificate for 127.0.0.1, 127.0.0.2 and localhost, by an authority that nobody else knows. */
export interface ServerCertificate {
  /** Of the authority. */
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

const made = new Map<string, ServerCertificate>()

/** `at`: when it is made, for a day; each is made once. */
export function serverCertificate(at: 'today' | 'long ago' = 'today'): ServerCertificate {
  const known = made.get(at)
  if (known !== undefined) return known
  const folder = newRunFolder('certificates')
  const file = (name: string): string => join(folder, name)
  const run = (command: string): void => {
    const clock = at === 'today' ? {} : fakeTime(new Date('2020-01-01T12:00:00Z'))
    const env = { ...process.env, ...clock }
    execFileSync('openssl', command.split(' '), { cwd: folder, env, stdio: 'pipe' })
  }
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  run(`req -x509 ${key} -keyout ca.key -out ca.pem -days 2 -subj /CN=test-authority`)
  run(
    `req ${key} -keyout server.key -out server.csr -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,IP:127.0.0.2,DNS:localhost`,
  )
  run(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -copy_extensions copy -out server.pem',
  )
  const certificate = {
    caFile: file('ca.pem'),
    certificateFile: file('server.pem'),
    keyFile: file('server.key'),
  }
  made.set(at, certificate)
  return certificate
}
