import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { exitStatus, messageOf, Refusal } from '../../model/index.ts'
import type { S3Options } from './options.ts'
import { ServerTime } from './place.ts'

/**
 * Tries of one request, of one part of an upload as well, with growing pauses between them: about two
 * seconds in all where nothing answers.
 */
const triesPerRequest = 5
/** The same for who has much to lose: half a minute, in which a gateway starts anew. */
const patientTries = 10
const connectTimeoutMs = 10_000

/** Two clients of the SDK, and the time of their server. */
interface Clients {
  readonly quick: S3Client
  readonly patient: S3Client
  readonly serverTime: ServerTime
}

/** Says nothing to the server yet. @throws {Refusal} when the CA cannot be read. */
export async function clientsOf(options: S3Options): Promise<Clients> {
  const agent = { keepAlive: true, maxSockets: 48 }
  const ca = options.caFile === null ? {} : { ca: await readAuthorities(options.caFile) }
  const serverTime = new ServerTime()
  // Agents of our own: those that the handler makes for some uploads would not know the CA.
  const agents = {
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent({ ...agent, ...ca }),
  }
  const client = (maxAttempts: number): S3Client =>
    listening(serverTime, new S3Client({ ...configOf(options, agents), maxAttempts }))
  return { quick: client(triesPerRequest), patient: client(patientTries), serverTime }
}

interface Agents {
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
}

function configOf(options: S3Options, agents: Agents): S3ClientConfig {
  return {
    ...addressOf(options),
    ...credentialsOf(options),
    requestHandler: new NodeHttpHandler({
      ...agents,
      connectionTimeout: connectTimeoutMs,
      socketTimeout: options.timeoutSeconds * 1000,
    }),
    // Older servers refuse the newer checksums, or take them without a look; every body of ours
    // has a Content-MD5, which they all check.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
  }
}

function listening(serverTime: ServerTime, client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { headers } = result.response as { readonly headers?: Record<string, string> }
      serverTime.hear(headers?.['date'])
      return result
    },
    { step: 'deserialize', name: 'serverTime' },
  )
  client.middlewareStack.addRelativeTo(answersAreFinal, {
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
    name: 'answersAreFinal',
  })
  return client
}

/** Where the clocks differ, the SDK repeats whatever was refused; these are answers, not mistakes. */
function answersAreFinal<Request, Answer>(
  next: (request: Request) => Promise<Answer>,
): (request: Request) => Promise<Answer> {
  return async (request) => {
    try {
      return await next(request)
    } catch (error) {
      const { $metadata } = error as { readonly $metadata?: Metadata }
      if ([404, 409, 412].includes($metadata?.httpStatusCode ?? 0)) {
        delete $metadata?.clockSkewCorrected
      }
      throw error
    }
  }
}

interface Metadata {
  readonly httpStatusCode?: number
  clockSkewCorrected?: boolean
}

function addressOf({ endpoint, region, pathStyle }: S3Options): S3ClientConfig {
  if (endpoint === null) return { forcePathStyle: pathStyle, ...(region !== null && { region }) }
  // Most servers take any region, and a signature must name one.
  return { endpoint, forcePathStyle: pathStyle, region: region ?? 'us-east-1' }
}

function credentialsOf({ credentials }: S3Options): S3ClientConfig {
  if (credentials === null) return {}
  const { user, password, sessionToken } = credentials
  return {
    credentials: {
      accessKeyId: user,
      secretAccessKey: password.reveal(),
      ...(sessionToken !== null && { sessionToken: sessionToken.reveal() }),
    },
  }
}

async function readAuthorities(path: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw notAuthorities(path, messageOf(error), error)
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw notAuthorities(path, 'It holds no certificate.')
}

function notAuthorities(path: string, reason: string, cause?: unknown): Refusal {
  return new Refusal(`The certificate authorities in ${path} cannot be read.`, {
    reason,
    advice: 'Correct S3_CA_FILE, or make it a readable file with certificates in PEM form.',
    exitStatus: exitStatus.usage,
    cause,
  })
}
