import { type Account, Refusal, sentencesOf } from '../../model/index.ts'
import { wordsOfTls } from '../words-of-tls.ts'
import type { Place } from './place.ts'

/**
 * An error of a request as a `Refusal` when the server or the network said it, else as it is.
 * `doing` begins its message: `Storing 2026-11-20/app….sql.gz`.
 */
export function explain(
  error: unknown,
  doing: string,
  { bucket, server, bucketFrom }: Place,
): unknown {
  if (!(error instanceof Error) || error instanceof Refusal) return error
  const words = wordsOf(error)
  const known = words.codes.map((code) => accounts[code]).find((each) => each !== undefined)
  const told = known ?? otherAccount(words)
  if (told === null) return error
  const { is, ...account } = told
  const what = is.replaceAll('<bucket>', bucket).replaceAll('<server>', server)
  const reason = reasonOf(words)
  const advice = account.advice.replaceAll('<bucketFrom>', bucketFrom)
  return new Refusal(`${doing} failed: ${what}.`, { reason, ...account, advice, cause: error })
}

interface Told extends Account {
  /** Ends the sentence "Storing … failed: ". */
  readonly is: string
}

interface Words {
  /** What the server calls it, or the system; the most telling first. */
  readonly codes: readonly string[]
  readonly message: string
  /** Of HTTP; null when no answer came. */
  readonly status: number | null
}

/** The SDK's errors: `name` is the server's code, `code` the system's, of several in `errors`. */
interface AnyError extends Error {
  readonly code?: string
  readonly errors?: readonly AnyError[]
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function wordsOf(error: AnyError): Words {
  const { name, message, code, errors = [], $metadata } = error
  const status = $metadata?.httpStatusCode ?? null
  const inner = errors.flatMap((each) => each.code ?? [])
  const words = [code ?? '', ...inner, name].filter((word) => word !== '' && word !== 'Error')
  // Answers to HEAD have no body, so the SDK can say no more than this.
  const isBare = message === '' || message === 'UnknownError' || message === name
  return {
    codes: status === null ? words : [name, ...words, `HTTP ${status}`],
    message: isBare ? '' : message,
    status,
  }
}

/** By the server's own words, or by what it gave instead of any. */
function reasonOf({ codes, message: said, status }: Words): string {
  const message = wordsOfTls(said)
  const code = codes.find((each) => !['UnknownError', String(status)].includes(each)) ?? ''
  if (message !== '') return sentencesOf(code === '' ? message : `${code}: ${message}`)
  return status === null ? sentencesOf(code) : `The server says ${code}, and nothing else.`
}

const check = 'Check the key and its secret: S3_USER and S3_PASSWORD.'
const trust = 'To trust a certificate authority of your own, name its file in S3_CA_FILE.'
const outage: Told = {
  is: '<server> cannot be reached',
  advice: 'Check S3_ENDPOINT, the network and the server. Another try may succeed.',
  mayPass: true,
}
const lost: Told = {
  is: 'the connection to <server> was lost',
  advice: 'Check the network and the server. Another try may succeed.',
  mayPass: true,
}
const busy: Told = {
  is: '<server> has trouble of its own or too much to do',
  advice: 'Look at its logs if it goes on. Another try may succeed.',
  mayPass: true,
}
const wrongKey: Told = {
  is: '<server> does not accept the key',
  advice: check,
  concernsStore: true,
}
const noBucket: Told = {
  is: 'there is no bucket <bucket> at <server>',
  advice: 'Correct <bucketFrom>, or create the bucket.',
  concernsStore: true,
}
const forbidden: Told = {
  is: 'the key has no right to do this in the bucket <bucket>',
  advice:
    'Let it list the bucket, and get, put and delete objects and abort multipart uploads in it.',
}
const full: Told = {
  is: 'there is no space left for it at <server>',
  advice: 'Enlarge the quota or the storage, or keep fewer backups there.',
}
const spoiled: Told = {
  is: 'the bytes did not arrive as they were sent',
  advice: 'Check the network between here and the server. Another try may succeed.',
  mayPass: true,
}
const elsewhere: Told = {
  is: 'the bucket <bucket> belongs to another region or address',
  advice: 'Correct S3_REGION and S3_ENDPOINT.',
  concernsStore: true,
}
const untrusted: Told = {
  is: 'the certificate of <server> is not trusted',
  advice: trust,
  concernsStore: true,
}
const noCredentials: Told = {
  is: 'there is no key for <server>',
  advice: 'Set S3_USER and S3_PASSWORD, or give the container a role that the AWS SDK finds.',
  concernsStore: true,
}
const noTls: Told = {
  is: '<server> does not speak TLS as we do',
  advice: 'Check the port in S3_ENDPOINT, and whether it should begin with http:// instead.',
  concernsStore: true,
}

const accounts: Readonly<Record<string, Told>> = {
  InvalidAccessKeyId: wrongKey,
  SignatureDoesNotMatch: wrongKey,
  InvalidToken: wrongKey,
  ExpiredToken: { ...wrongKey, advice: 'Renew the temporary credentials.' },
  RequestTimeTooSkewed: {
    is: 'the clocks of <server> and of this machine differ too much',
    concernsStore: true,
    advice: 'Set both by a time server.',
  },
  CredentialsProviderError: noCredentials,
  NoSuchBucket: noBucket,
  AccessDenied: forbidden,
  'HTTP 403': forbidden,
  QuotaExceeded: full,
  EntityTooLarge: { is: '<server> takes nothing as large as this', advice: full.advice },
  XMinioStorageFull: full,
  InsufficientStorage: full,
  'HTTP 507': full,
  BadDigest: spoiled,
  InvalidDigest: spoiled,
  XAmzContentSHA256Mismatch: spoiled,
  IncompleteBody: lost,
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  'HTTP 301': elsewhere,
  PreconditionFailed: {
    is: 'the object was replaced in the meantime',
    advice: 'Try again; check that nobody else writes to this bucket and prefix.',
    mayPass: true,
  },
  CERT_HAS_EXPIRED: {
    is: 'the certificate of <server> has expired',
    concernsStore: true,
    advice: 'Renew it on the server.',
  },
  CERT_NOT_YET_VALID: {
    is: 'the certificate of <server> is not valid yet',
    concernsStore: true,
    advice: 'Set the clocks of the server and of this machine by a time server.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    is: 'the certificate of <server> is for another host',
    concernsStore: true,
    advice: 'Correct S3_ENDPOINT, or give the server a certificate for this name.',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ECONNREFUSED: outage,
  ENOTFOUND: { ...outage, is: 'no host answers to the name of <server>' },
  EAI_AGAIN: { ...outage, is: 'no host answers to the name of <server>' },
  EHOSTUNREACH: outage,
  ENETUNREACH: outage,
  ECONNRESET: lost,
  EPIPE: lost,
  ETIMEDOUT: lost,
  TimeoutError: { ...lost, is: '<server> does not answer' },
  SlowDown: busy,
  ServiceUnavailable: busy,
  InternalError: busy,
  RequestTimeout: busy,
  'HTTP 429': busy,
}

/** For what has no line of its own; null for what no server said. */
function otherAccount({ status, message }: Words): Told | null {
  if (message === 'Region is missing') {
    return { is: 'the region of <bucket> is not known', advice: 'Set S3_REGION.' }
  }
  if (status === null) return null
  if (status >= 500) return busy
  return {
    is: '<server> refuses it',
    advice: 'Check the settings that begin with S3_, and look at the log of the server.',
  }
}
