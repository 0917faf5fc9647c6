import { Secret } from '../model/index.ts'
import { mistake } from './problems.ts'
import type { FtpTls } from './setting-kinds.ts'
import type { Settings } from './settings.ts'

/** What the store on FTP is opened with. */
interface FtpPlace {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: Secret
  readonly tls: FtpTls
  readonly caFile: string | null
  readonly insecure: boolean
  /** Relative to where the login leads, unless it begins with `/`; may be empty. */
  readonly folder: string
  readonly timeoutSeconds: number
}

const ports = { required: 21, implicit: 990, off: 21 } as const

/**
 * Where copies go by FTP; null when that is not configured.
 * @throws {Refusal} exit status 2, when the variables contradict each other. It holds no secret.
 */
export function ftpOptionsOf(settings: Settings): FtpPlace | null {
  const address = addressIn(settings)
  if (address === null) return null
  const tls = tlsOf(address, settings)
  refuseIdleTrust(tls, settings)
  // As with the original's curl, the variables win over what is in the URL.
  const user = settings.ftpUser ?? address.user ?? 'anonymous'
  const password = settings.ftpPassword?.reveal() ?? address.password ?? ''
  return {
    host: address.host,
    port: address.port ?? ports[tls],
    user: onOneLine(user, 'The user'),
    password: new Secret(onOneLine(password, 'The password')),
    tls,
    caFile: settings.ftpCaFile,
    insecure: settings.ftpTlsInsecure,
    folder: onOneLine(address.folder, 'The folder'),
    timeoutSeconds: settings.ftpTimeout.seconds,
  }
}

/** What works, but nobody should leave as it is. */
export function ftpWarnings(settings: Settings): readonly string[] {
  const address = addressIn(settings)
  if (address === null) return unusedWarnings(settings)
  const warnings: string[] = []
  if (address.password !== null) {
    const fate = settings.ftpPassword === null ? 'Move that to' : 'Remove it, it loses against'
    warnings.push(`FTP_URL: It holds a password. ${fate} FTP_PASSWORD or FTP_PASSWORD_FILE.`)
  }
  if (tlsOf(address, settings) === 'off') {
    warnings.push('FTP_TLS: It is off. Password and backups can be read by all on the way.')
  }
  if (settings.ftpTlsInsecure) {
    warnings.push(
      'FTP_TLS_INSECURE: Any certificate is taken. Name your own in FTP_CA_FILE instead.',
    )
  }
  return warnings
}

function unusedWarnings(settings: Settings): readonly string[] {
  const { ftpUrl, ftpUser, ftpPassword } = settings
  if (ftpUrl !== null) return ['FTP_URL: It is "false", which is taken for none.']
  return ftpUser === null && ftpPassword === null
    ? []
    : ['FTP_USER, FTP_PASSWORD: Without FTP_URL nothing is copied by FTP.']
}

interface Address {
  readonly isImplicit: boolean
  readonly host: string
  readonly port: number | null
  readonly user: string | null
  readonly password: string | null
  readonly folder: string
}

/** null also for `false`, which the original's set-up wrote when nothing was answered (D-41). */
function addressIn({ ftpUrl }: Settings): Address | null {
  const text = ftpUrl?.reveal().trim() ?? ''
  return text === '' || text.toLowerCase() === 'false' ? null : parseAddress(text)
}

/** As curl did for the original, a bare host is taken for `ftp://host`. */
function parseAddress(text: string): Address {
  const [, scheme = 'ftp', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/isu.exec(text) ?? []
  if (!['ftp', 'ftps', 'ftpes'].includes(scheme.toLowerCase())) throw notUnderstood()
  // A scheme of no meaning: that of FTP would hide its usual port. `?` and `#` mean nothing in FTP.
  const url = URL.parse(`place://${rest.replaceAll('?', '%3F').replaceAll('#', '%23')}`)
  if (url === null || url.hostname === '') throw notUnderstood()
  return {
    isImplicit: scheme.toLowerCase() === 'ftps',
    host: decoded(url.hostname).replace(/^\[(.*)\]$/u, '$1'),
    port: url.port === '' ? null : Number(url.port),
    user: url.username === '' ? null : decoded(url.username),
    password: url.password === '' ? null : decoded(url.password),
    folder: decoded(url.pathname.replace(/^\//u, '')).replace(/(?<=.)\/+$/u, ''),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw mistake(
      'FTP_URL is not understood: a "%" in it begins no character.',
      'Write %25 for a percent sign, and user and password into FTP_USER and FTP_PASSWORD.',
    )
  }
}

/** Not with the value: it may hold a password. */
function notUnderstood(): Error {
  return mistake(
    'It is no address of an FTP server.',
    'Write for example FTP_URL=ftp://ftp.example.org/backups/.',
  )
}

function tlsOf({ isImplicit }: Address, { ftpTls }: Settings): FtpPlace['tls'] {
  if (!isImplicit) return ftpTls ?? 'required'
  if (ftpTls === null || ftpTls === 'implicit') return 'implicit'
  throw mistake(
    `It begins with ftps://, which is implicit TLS, but FTP_TLS is ${ftpTls}.`,
    'Write ftp:// for FTP_TLS=required, or unset FTP_TLS.',
  )
}

function refuseIdleTrust(tls: FtpPlace['tls'], { ftpCaFile, ftpTlsInsecure }: Settings): void {
  if (ftpCaFile !== null && (ftpTlsInsecure || tls === 'off')) {
    throw mistake(
      'FTP_CA_FILE is set, but no certificate is checked.',
      'Unset FTP_TLS_INSECURE and FTP_TLS, or FTP_CA_FILE.',
    )
  }
}

/** A line end would end the command, and what follows be the next one. */
function onOneLine(text: string, what: string): string {
  if (!/[\r\n\0]/u.test(text)) return text
  throw mistake(`${what} holds a line end, which FTP cannot say.`, 'Write it on one line.')
}
