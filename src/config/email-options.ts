import { accountOf, type NoticeLevel, Secret } from '../model/index.ts'
import { type EmailAddress, parseAddress, parseAddresses } from './email-address.ts'
import { mistake, type Problems } from './problems.ts'
import type { Settings } from './settings.ts'
import type { ReadFile } from './variables.ts'

/** What the e-mail channel is opened with; its docstrings are there. */
interface EmailSettings {
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'implicit' | 'off'
  readonly login: { readonly user: string; readonly password: Secret } | null
  readonly caFile: string | null
  readonly from: EmailAddress
  readonly to: readonly EmailAddress[]
  readonly level: NoticeLevel
  readonly environment: string | null
  readonly timeoutSeconds: number
}

const ports = { smtp: 587, smtps: 465 } as const

/**
 * How notices go by e-mail; null when that is not configured.
 * @throws {Refusal} exit status 2, when a part is missing or the parts contradict each other. It
 *   holds no secret.
 */
export function emailOptionsOf(settings: Settings): EmailSettings | null {
  const { smtpUrl, emailFrom, emailTo } = settings
  if (smtpUrl === null || emailFrom === null || emailTo === null) {
    refuseHalf(settings)
    return null
  }
  const server = parseServer(smtpUrl.reveal())
  const tls = tlsOf(server, settings)
  return {
    host: server.host,
    port: server.port ?? ports[server.scheme],
    tls,
    login: loginOf(server, settings),
    caFile: settings.emailCaFile,
    from: parseAddress(emailFrom, 'EMAIL_FROM'),
    to: parseAddresses(emailTo, 'EMAIL_TO'),
    level: settings.emailLevel ?? settings.notifyLevel,
    environment: settings.environmentFriendlyName,
    timeoutSeconds: settings.emailTimeout.seconds,
  }
}

/** The warnings about e-mail; what cannot work is gathered, each under its own variable. */
export function checkedEmail(settings: Settings, problems: Problems): readonly string[] {
  const { smtpUrl, emailFrom, emailTo } = settings
  if (smtpUrl !== null && emailFrom !== null && emailTo !== null) {
    const server = problems.collect('SMTP_URL', () => parseServer(smtpUrl.reveal()))
    problems.collect('EMAIL_FROM', () => parseAddress(emailFrom, 'EMAIL_FROM'))
    problems.collect('EMAIL_TO', () => parseAddresses(emailTo, 'EMAIL_TO'))
    if (server !== null) {
      problems.collect('EMAIL_TLS', () => tlsOf(server, settings))
      problems.collect('SMTP_USER', () => loginOf(server, settings))
    }
  } else problems.collect('SMTP_URL', () => refuseHalf(settings))
  return smtpUrl !== null && settings.emailTls === 'off'
    ? ['EMAIL_TLS: It is off. Password and notices can be read by all on the way.']
    : []
}

/** Found at the start, not with the first e-mail that nobody gets. */
export async function checkAuthorities(
  { emailCaFile, smtpUrl }: Settings,
  { readFile, problems }: { readonly readFile: ReadFile; readonly problems: Problems },
): Promise<void> {
  if (emailCaFile === null || smtpUrl === null) return
  try {
    const text = await readFile(emailCaFile)
    if (text === null) problems.add('EMAIL_CA_FILE', `There is no file ${emailCaFile}.`)
    else if (!text.includes('-----BEGIN CERTIFICATE-----')) {
      problems.add('EMAIL_CA_FILE', `${emailCaFile} holds no certificate in PEM form.`)
    }
  } catch (error) {
    const { message } = accountOf(error)
    const advice = 'Make it readable for this user.'
    problems.add('EMAIL_CA_FILE', `${emailCaFile} cannot be read (${message}). ${advice}`)
  }
}

function refuseHalf({ smtpUrl, smtpUser, smtpPassword, emailFrom, emailTo }: Settings): void {
  const needed = { SMTP_URL: smtpUrl, EMAIL_FROM: emailFrom, EMAIL_TO: emailTo }
  const all = Object.entries({ ...needed, SMTP_USER: smtpUser, SMTP_PASSWORD: smtpPassword })
  const present = all.flatMap(([name, value]) => (value === null ? [] : [name]))
  if (present.length === 0) return
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === null ? [name] : []))
  throw mistake(
    `No e-mail can be sent: ${present.join(', ')} is set, but ${missing.join(', ')} is not.`,
    'Set SMTP_URL, EMAIL_FROM and EMAIL_TO, or none of them.',
  )
}

interface Server {
  readonly scheme: keyof typeof ports
  readonly host: string
  readonly port: number | null
  readonly user: string | null
  readonly password: string | null
}

function parseServer(text: string): Server {
  const url = URL.parse(text.trim())
  const scheme = url?.protocol.slice(0, -1) ?? ''
  if (url === null || !isScheme(scheme) || url.hostname === '' || holdsMore(url)) {
    // Not with the value: it may hold a password.
    throw mistake(
      'It is no address of a mail server.',
      'Write for example SMTP_URL=smtp://mail.example.org:587, with user and password in SMTP_USER and SMTP_PASSWORD.',
    )
  }
  return {
    scheme,
    host: decoded(url.hostname).replace(/^\[(.*)\]$/u, '$1'),
    port: url.port === '' ? null : Number(url.port),
    user: url.username === '' ? null : decoded(url.username),
    password: url.password === '' ? null : decoded(url.password),
  }
}

function isScheme(text: string): text is keyof typeof ports {
  return Object.hasOwn(ports, text)
}

/** Such as options of other programs, or the rest of a password with a `#` or `/` in it. */
function holdsMore({ pathname, search, hash, port }: URL): boolean {
  return !['', '/'].includes(pathname) || search !== '' || hash !== '' || port === '0'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw mistake(
      'It is not understood: a "%" in it begins no character.',
      'Write %25 for a percent sign, and user and password into SMTP_USER and SMTP_PASSWORD.',
    )
  }
}

function tlsOf({ scheme }: Server, { emailTls, emailCaFile }: Settings): EmailSettings['tls'] {
  if (emailTls === 'required') return scheme === 'smtps' ? 'implicit' : 'starttls'
  if (scheme === 'smtps') {
    throw mistake(
      'It is off, but SMTP_URL begins with smtps://, which is TLS.',
      'Unset EMAIL_TLS, or write smtp://.',
    )
  }
  if (emailCaFile !== null) {
    throw mistake(
      'It is off, so no certificate is checked, but EMAIL_CA_FILE is set.',
      'Unset one of them.',
    )
  }
  return 'off'
}

/** The variables win over what is in the URL. */
function loginOf(server: Server, { smtpUser, smtpPassword }: Settings): EmailSettings['login'] {
  const user = smtpUser ?? server.user
  const password = smtpPassword?.reveal() ?? server.password
  if (user !== null && password !== null) return { user, password: new Secret(password) }
  if (user === null && password === null) return null
  throw mistake(
    `A ${user === null ? 'password' : 'user'} is set for the mail server, but no ${user === null ? 'user' : 'password'}.`,
    'Set both SMTP_USER and SMTP_PASSWORD (or SMTP_PASSWORD_FILE), or none.',
  )
}
