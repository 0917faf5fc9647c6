/**
 * The door: the only reader of the process's environment. It wires the rooms together, turns
 * signals into an abort, and errors into an exit status.
 */
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { openCatalog } from './catalog/index.ts'
import {
  commandText,
  errorDocument,
  eventLines,
  helpText,
  parseArguments,
  problemLines,
  type Request,
  runRequest,
  Screen,
  showError,
} from './cli/index.ts'
import { type Configuration, readConfiguration, variablesHelp } from './config/index.ts'
import { availableEngines } from './engines/index.ts'
import { exitStatus, Refusal } from './model/index.ts'
import type { Appliance } from './operations/index.ts'
import { modesOf, systemClock } from './platform/index.ts'
import { openVolume } from './stores/index.ts'

const oldestNode = 24
const { env, stdin, stdout, stderr } = process
const args = process.argv.slice(2)

const screen = new Screen(outputOf(stdout), outputOf(stderr), {
  color: (env['NO_COLOR'] ?? '') === '',
})
const ended = new AbortController()
listenToSignals()
process.on('uncaughtException', (error) => {
  showError(screen, error)
  process.exit(exitStatus.defect)
})

try {
  process.exitCode = await main()
} catch (error) {
  if (args.includes('--json')) screen.document(errorDocument(error))
  showError(screen, error)
  process.exitCode = error instanceof Refusal ? error.exitStatus : exitStatus.defect
}

async function main(): Promise<number> {
  refuseOldNode()
  const request = parseArguments(args)
  if (request.verb === 'help') return say(helpText(variablesHelp()))
  if (request.verb === 'version') return say(version())
  const configuration = await readConfiguration({
    environment: env,
    readFile: readIfThere,
    engines: availableEngines,
  })
  warn(request, configuration)
  const appliance = applianceFor(request, configuration)
  return await runRequest({ request, appliance, screen, input: stdin })
}

function applianceFor(request: Request, configuration: Configuration): Appliance {
  const { settings } = configuration
  const root = resolve(settings.backupDir)
  const modes = modesOf(settings.backupUmask)
  process.umask(settings.backupUmask)
  return {
    configuration,
    environment: env,
    volume: openVolume(root, { modes }),
    catalog: openCatalog(root, { modes, clock: systemClock, onProblem: warnOf }),
    modes,
    clock: systemClock,
    signal: ended.signal,
    tell: request.json ? problemLines(screen) : eventLines(screen),
    what: commandText(request),
  }
}

function warnOf(text: string): void {
  screen.tell(`[WARN] - ${text}`, 'yellow')
}

function warn({ adminPassword }: Request, { warnings }: Configuration): void {
  for (const text of warnings) warnOf(text)
  if (adminPassword !== null) {
    warnOf('A password after -a is visible to every user of this machine; set ADMIN_PASSWORD.')
  }
}

/** A run that is told to end removes what it has begun, and says by its status what ended it. */
function listenToSignals(): void {
  const statuses = {
    SIGTERM: exitStatus.terminated,
    SIGHUP: exitStatus.terminated,
    SIGINT: exitStatus.interrupted,
  } as const
  for (const [signal, status] of Object.entries(statuses)) {
    process.once(signal, () => {
      const advice = 'Nothing half-done stays. Run it again when you are ready.'
      ended.abort(new Refusal(`Ended by ${signal}.`, { advice, exitStatus: status }))
    })
  }
}

function refuseOldNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return
  throw new Refusal(`Node.js ${process.versions.node} is too old.`, {
    advice: `Use Node.js ${oldestNode} or newer; from a checkout, scripts/setup brings it.`,
    exitStatus: exitStatus.usage,
  })
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    const bytes = await readFile(path)
    if (isUtf8(bytes)) return bytes.toString('utf8')
    throw new Error(`line ${badLineOf(bytes)} is not UTF-8`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function badLineOf(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n')
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1
}

function version(): string {
  const require = createRequire(import.meta.url)
  const description = require(join(import.meta.dirname, '..', 'package.json')) as {
    version: string
  }
  return `backup-container ${description.version}`
}

function say(text: string): number {
  screen.say(text)
  return exitStatus.good
}

/** A reader that goes away (`backup.sh -l | head`) must not end a backup. */
function outputOf(stream: NodeJS.WriteStream): ConstructorParameters<typeof Screen>[0] {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    get columns() {
      return stream.columns
    },
  }
}
