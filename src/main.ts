/**
 * The door: the only reader of the process's environment. It wires the rooms together, turns
 * signals into an abort, and errors into an exit status.
 */
import {
  commandText,
  errorDocument,
  eventLines,
  helpText,
  jsonEvents,
  LastWord,
  LogScreen,
  logError,
  logJobLine,
  parseArguments,
  problemLines,
  type Request,
  runRequest,
  showError,
  streamOutput,
  versionText,
} from './cli/index.ts'
import {
  type Configuration,
  readConfiguration,
  readForNotices,
  tellSecrets,
  terminationLog,
  variablesHelp,
} from './config/index.ts'
import { availableEngines } from './engines/index.ts'
import {
  accountOf,
  exitStatus,
  firstError,
  Redactor,
  Refusal,
  type RunEvent,
  type Tell,
} from './model/index.ts'
import {
  type Appliance,
  mirrorsOf,
  openNotices,
  openPrimaryPlace,
  type RunNotices,
  scheduledJobIn,
} from './operations/index.ts'
import {
  listenToSignals,
  modesOf,
  readTextIfThere,
  systemAlarm,
  systemClock,
  writeTerminationMessage,
} from './platform/index.ts'
import type { ServerBeside } from './service/index.ts'
import { loadTui, prepareTui, type TakenTerminal } from './tui/index.ts'

const oldestNode = 24
const { env, stdin, stdout, stderr } = process
const args = process.argv.slice(2)

const redactor = Redactor.of(env)
/** Who has the terminal while the interface is open. */
const terminal: TakenTerminal = { face: null }
const outputs = {
  out: streamOutput(stdout, shown),
  err: streamOutput(stderr, shown),
  color: (env['NO_COLOR'] ?? '') === '',
}
let { screen, log } = await LogScreen.open(outputs, env['LOG_FORMAT'], null)
const signals = listenToSignals(warnOf)
const lastWord = new LastWord()
/** Commands that people call inside a pod: what they came to says nothing about the pod. */
const readers: ReadonlySet<Request['verb']> = new Set([
  'help',
  'version',
  'config',
  'list',
  'status',
  'ui',
])
const source = { environment: env, readFile: readTextIfThere, engines: availableEngines }
let onlyReads = false
const hearing: { notices: RunNotices | null } = { notices: null }
// Whatever ends it: a shell's prompt must not stand in the middle of a line.
process.on('exit', () => screen.endLive())
process.on('uncaughtException', (error) => {
  // Whoever waits for something hears of the end of the run; who has gone away is no defect.
  if (signals.end.aborted && error === signals.end.reason) return
  tellError(error)
  process.exit(exitStatus.defect)
})

try {
  process.exitCode = await main()
  await leaveWord(lastWord.text(process.exitCode))
  await hearing.notices?.end(process.exitCode)
} catch (error) {
  if (args.includes('--json')) screen.document(errorDocument(error))
  tellError(error)
  const first = firstError(error)
  process.exitCode = first instanceof Refusal ? first.exitStatus : exitStatus.defect
  await leaveWord(lastWord.text(process.exitCode, error))
  await hearing.notices?.end(process.exitCode, error)
}

async function main(): Promise<number> {
  refuseOldNode()
  const request = parseArguments(args)
  ;({ screen, log } = await LogScreen.open(outputs, env['LOG_FORMAT'], request))
  onlyReads = readers.has(request.verb)
  if (request.verb === 'help') return say(helpText(variablesHelp()))
  if (request.verb === 'version') return say(versionText())
  redactor.learn(request.adminPassword)
  if (request.verb === 'ui') prepareTui({ input: stdin, output: stdout, env })
  const configuration = await configure().catch(async (error: unknown) => {
    hearing.notices = await noticesOfMistakes(request)
    throw error
  })
  warn(request, configuration)
  hearing.notices = noticesOf(request, configuration, { mayWrite: true })
  if (request.verb !== null) hearing.notices?.begin()
  const appliance = await applianceFor(request, configuration)
  if (request.verb === 'ui') return await runInterface(request, appliance)
  const serve = (): Promise<number> => runAsService(appliance)
  return await runRequest({ request, appliance, screen, log, input: stdin, serve })
}

async function configure(): Promise<Configuration> {
  return tellSecrets(await readConfiguration(source), redactor)
}

/** People hear of a configuration with mistakes, where it says right where to tell them. */
async function noticesOfMistakes(request: Request): Promise<RunNotices | null> {
  const readable = await readForNotices(source)
  if (readable === null) return null
  return noticesOf(request, tellSecrets(readable, redactor), { mayWrite: false })
}

async function runAsService(appliance: Appliance): Promise<number> {
  const { runService } = await import('./service/index.ts')
  const { httpPort, httpHost } = appliance.configuration.settings
  hearing.notices?.begin()
  const pages: ServerBeside = async (inForce) => {
    const { startHealthServer } = await import('./health/index.ts')
    return await startHealthServer({ port: httpPort, host: httpHost, ...inForce })
  }
  return await runService({
    appliance,
    alarm: systemAlarm,
    program: [process.execPath, import.meta.filename],
    readConfiguration: configure,
    onJobLine: ({ job, stream, line: written, isOwn }) => {
      const line = isOwn ? written : redactor.inOutsideText(written)
      if (log === null) logJobLine(screen, { job, stream, line })
      else log.jobLine({ job, stream, line })
    },
    onHangUp: (listener) => signals.onHangUp(listener),
    beside: httpPort === 0 ? [] : [pages],
  })
}

async function runInterface({ only }: Request, appliance: Appliance): Promise<number> {
  const { runTui } = await loadTui()
  await runTui({
    appliance,
    only,
    terminal,
    input: stdin,
    output: stdout,
    color: outputs.color,
  })
  return exitStatus.good
}

async function applianceFor(request: Request, configuration: Configuration): Promise<Appliance> {
  const { settings } = configuration
  const show = tellingFor(request)
  process.umask(settings.backupUmask)
  const world = {
    environment: env,
    redacted,
    modes: modesOf(settings.backupUmask),
    clock: systemClock,
    signal: signals.end,
    tell: (event: RunEvent) => {
      lastWord.follow(event)
      hearing.notices?.hear(event)
      show(event)
    },
  }
  return {
    ...world,
    ...(await openPrimaryPlace(configuration, { ...world, onProblem: warnOf })),
    configuration,
    mirrors: mirrorsOf(configuration, env),
    what: redacted(commandText(request)),
    job: scheduledJobIn(env),
  }
}

function noticesOf(
  { verb, dryRun, scheduled }: Request,
  configuration: Configuration,
  { mayWrite }: { readonly mayWrite: boolean },
): RunNotices | null {
  const world = {
    configuration,
    environment: env,
    clock: systemClock,
    redacted,
    onProblem: warnOf,
    onLongWait: (text: string) => screen.tellAtTerminal(text),
    ending: signals.end,
    byPerson: scheduledJobIn(env) === null && !scheduled,
  }
  return openNotices({ verb, dryRun, mayWrite }, world)
}

function tellingFor({ json }: Request): Tell {
  if (json) return problemLines(screen)
  return log === null ? eventLines(screen) : jsonEvents(log)
}

function tellError(error: unknown): void {
  terminal.face?.restore()
  terminal.face = null
  screen.endLive()
  if (log === null) showError(screen, error)
  else logError(log, error)
}

/** The last look at all that leaves the program, on the screen or into a file. */
function redacted(text: string): string {
  return redactor.inOwnText(text)
}

/** On the terminal, or in the interface that has it. */
function shown(text: string): string | null {
  if (terminal.face === null) return redacted(text)
  terminal.face.warn(redacted(text))
  return null
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

/** Kubernetes shows it; the runs of a service leave that to the service. */
async function leaveWord(text: string): Promise<void> {
  if (onlyReads || scheduledJobIn(env) !== null) return
  try {
    await writeTerminationMessage(terminationLog(env), text)
  } catch (error) {
    warnOf(`The message for Kubernetes could not be written: ${accountOf(error).message}`)
  }
}

function refuseOldNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return
  throw new Refusal(`Node.js ${process.versions.node} is too old.`, {
    advice: `Use Node.js ${oldestNode} or newer; from a checkout, scripts/setup brings it.`,
    exitStatus: exitStatus.usage,
  })
}

function say(text: string): number {
  screen.say(text)
  return exitStatus.good
}
