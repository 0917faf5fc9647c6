import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type HealthServer, startHealthServer } from '../../src/health/index.ts'
import { metricNames } from '../../src/health/metrics.ts'
import type { JobState, RunEvent, ServiceState } from '../../src/model/index.ts'
import type { Mirror } from '../../src/operations/index.ts'
import { acquireLock, modesOf, systemClock } from '../../src/platform/index.ts'
import { applianceHere, type HereOptions } from '../support/appliance-here.ts'
import { site } from '../support/site.ts'
import { fakeBackup, temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const now = new Date('2026-05-05T12:00:00Z')
const clock = { now: () => now }
const spec = 'postgres=db.example.org:5432/app'
const core = 'db.example.org-app'

const job: JobState = {
  name: 'backup.conf:3',
  command: './backup.sh -s',
  nextRun: new Date('2026-05-06T01:00:00Z'),
  lastStart: new Date('2026-05-05T01:00:00Z'),
  lastEnd: new Date('2026-05-05T01:00:07Z'),
  lastResult: { kind: 'failed', exitStatus: 1 },
  runningSince: null,
}

const calm: ServiceState = {
  mode: 'cron',
  startedAt: new Date('2026-05-01T00:00:00Z'),
  configuration: { valid: true, readAt: new Date('2026-05-01T00:00:00Z') },
  jobs: [job],
  silentMs: 0,
  stopping: false,
}

interface Serving extends AsyncDisposable {
  readonly server: HealthServer
  get(page: string, method?: string): Promise<{ status: number; text: string; type: string }>
}

function portOf({ port }: HealthServer): number {
  if (port === null) throw new Error('It does not listen.')
  return port
}

/** Pages of a volume, with a state of the service that may change. */
async function serving(
  { port = 0, ...options }: Partial<HereOptions> & { root: string; port?: number },
  state: () => ServiceState = () => calm,
): Promise<Serving> {
  const appliance = await applianceHere({ lines: [spec], clock, ...options })
  const server = await startHealthServer({
    port,
    host: '127.0.0.1',
    appliance: () => appliance,
    state,
    freshMs: 0,
  })
  return {
    server,
    async get(page, method = 'GET') {
      const response = await fetch(`http://127.0.0.1:${server.port}${page}`, { method })
      const type = response.headers.get('content-type') ?? ''
      return { status: response.status, text: await response.text(), type }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** `name{labels}` to value. */
function samplesOf(page: string): ReadonlyMap<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

const seconds = (iso: string) => Date.parse(iso) / 1000

describe('/healthz', () => {
  test('is 200 while the event loop turns, and 503 when it has not for long', async () => {
    await using folder = temporaryFolder()
    let state = calm
    await using here = await serving({ root: folder.path }, () => state)

    expect(await here.get('/healthz')).toMatchObject({ status: 200, text: '{"alive":true}\n' })
    state = { ...calm, silentMs: 31_000 }
    const hung = await here.get('/healthz')

    expect(hung.status).toBe(503)
    expect(JSON.parse(hung.text)).toEqual({
      alive: false,
      problems: ['No sign of life for 31 s.'],
    })
  })
})

describe('/readyz', () => {
  test('is 200 with a valid configuration and a volume that can be written', async () => {
    await using folder = temporaryFolder()
    const root = folder.join('not/yet/there')
    await using here = await serving({ root })

    const before = await here.get('/readyz')
    await mkdir(`${root}/.catalog`, { recursive: true })
    const after = await here.get('/readyz')

    expect([before, after]).toMatchObject([{ status: 200 }, { status: 200 }])
    expect(JSON.parse(after.text)).toEqual({ ready: true, problems: [] })
    expect(await readdir(`${root}/.catalog`)).toEqual([])
  })

  test('is 503 when a volume that was there is gone, and 200 again when it is back', async () => {
    await using folder = temporaryFolder()
    const root = folder.join('volume')
    await mkdir(`${root}/.catalog`, { recursive: true })
    await using here = await serving({ root })
    expect((await here.get('/readyz')).status).toBe(200)

    await rename(root, folder.join('away'))
    const gone = await here.get('/readyz')
    await rename(folder.join('away'), root)

    expect(gone.status).toBe(503)
    expect(gone.text).toContain(`The backups are gone from ${root}.`)
    expect((await here.get('/readyz')).status).toBe(200)
  })

  test('is 503, with the problems, when any of that is not so', async () => {
    await using folder = temporaryFolder()
    await writeFile(folder.join('file'), '')
    await using blocked = await serving({ root: folder.join('file') })
    await using refused = await serving({ root: folder.path }, () => ({
      ...calm,
      configuration: { valid: false, readAt: now, problems: ['backup.conf:1: What is this?'] },
    }))
    await using stopping = await serving({ root: folder.path }, () => ({ ...calm, stopping: true }))

    const answers = await Promise.all([blocked, refused, stopping].map((it) => it.get('/readyz')))

    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(answers.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
      {
        ready: false,
        problems: [
          expect.stringMatching(/^Writing to the volume failed: the volume has a file where/u),
        ],
      },
      { ready: false, problems: ['backup.conf:1: What is this?'] },
      { ready: false, problems: ['The service is being stopped.'] },
    ])
  })
})

describe('/metrics', () => {
  test('says of each database, of the volume and of the jobs what is known', async () => {
    await using folder = temporaryFolder()
    const at = new Date('2026-05-05T01:00:00Z')
    const earlier = new Date('2026-05-04T01:00:00Z')
    const verdict = {
      verdict: 'verified',
      at: '2026-05-04T04:00:00.000Z',
      differences: [],
    } as const
    const mirror: Mirror = {
      name: 's3',
      keeps: 'archives',
      readBackEvery: 1,
      encryption: null,
      prunes: false,
      open: () => Promise.reject(new Error('Nobody needs to ask it.')),
    }
    const copy = { store: 's3', path: 'x', bytes: 9, sha256: '', checkedAt: earlier.toISOString() }
    await fakeBackup(folder.path, {
      core,
      at: earlier,
      bytes: 9,
      manifest: { spec, verifications: [verdict], copies: [copy] },
    })
    await fakeBackup(folder.path, { core, at, bytes: 100, manifest: { spec, databaseBytes: 800 } })
    await using here = await serving({
      root: folder.path,
      lines: [spec, 'postgres=db.example.org/new', '0 1 * * * default ./backup.sh -s'],
      mirrors: [mirror],
    })

    const { status, text, type } = await here.get('/metrics')

    expect(status).toBe(200)
    expect(type).toMatch(/^text\/plain; version=/u)
    const samples = samplesOf(text)
    const of = (name: string) => samples.get(`backup_${name}{database="${spec}"}`)
    expect({
      success: of('last_success_timestamp_seconds'),
      duration: of('last_duration_seconds'),
      size: of('last_size_bytes'),
      database: of('database_size_bytes'),
      verified: of('last_verified_timestamp_seconds'),
      failures: of('failed_attempts'),
      next: of('next_run_timestamp_seconds'),
      ok: of('ok'),
    }).toEqual({
      success: seconds('2026-05-05T01:00:00Z'),
      duration: 1,
      size: 100,
      database: 800,
      verified: seconds('2026-05-04T04:00:00Z'),
      failures: 0,
      next: seconds('2026-05-06T01:00:00Z'),
      ok: 1,
    })
    expect(samples.get(`backup_store_lag_seconds{database="${spec}",store="s3"}`)).toBe(11 * 3600)
    expect(samples.get(`backup_state{database="${spec}",state="good"}`)).toBe(1)
    expect(samples.get(`backup_state{database="${spec}",state="late"}`)).toBe(0)
    const unseen = '{database="postgres=db.example.org/new"}'
    expect(samples.get(`backup_last_success_timestamp_seconds${unseen}`)).toBe(0)
    expect(samples.get(`backup_last_verified_timestamp_seconds${unseen}`)).toBe(0)
    expect(samples.get(`backup_ok${unseen}`)).toBe(0)
    expect(samples.has(`backup_last_size_bytes${unseen}`)).toBe(false)
    expect(samples.get('backup_volume_free_bytes')).toBeGreaterThan(0)
    expect(samples.get('backup_lock_held')).toBe(0)
    expect(samples.has('backup_lock_held_since_timestamp_seconds')).toBe(false)
    expect(samples.get('backup_configuration_valid')).toBe(1)
    expect(samples.get('backup_service_start_timestamp_seconds')).toBe(
      seconds('2026-05-01T00:00:00Z'),
    )
    expect(samples.get('backup_job_running{job="backup.conf:3"}')).toBe(0)
    expect(samples.get('backup_job_last_failed{job="backup.conf:3"}')).toBe(1)
    const names = [...text.matchAll(/^# TYPE (?<name>\S+) gauge$/gmu)].map(([, name]) => name)
    expect(names).toEqual(metricNames)
  })

  test('see a lock, and failures, as they come', async () => {
    await using folder = temporaryFolder()
    await using here = await serving({ root: folder.path })
    const modes = modesOf(0o077)
    const signal = new AbortController().signal
    const options = { what: 'backup.sh -1', waitMs: 0, signal, clock: systemClock, modes }
    {
      await using _lock = await acquireLock(folder.join('.catalog'), options)
      expect(samplesOf((await here.get('/metrics')).text).get('backup_lock_held')).toBe(1)
    }
    expect(samplesOf((await here.get('/metrics')).text).get('backup_lock_held')).toBe(0)

    await using place = await site(['127.0.0.1:1/app'], {}, folder.path)
    await place.run(['-1'], { at: new Date('2026-05-05T01:00:00Z') })
    await place.run(['-1'], { at: new Date('2026-05-05T02:00:00Z') })
    await using failing = await serving({ root: folder.path, lines: ['127.0.0.1:1/app'] })
    const samples = samplesOf((await failing.get('/metrics')).text)
    expect(samples.get('backup_failed_attempts{database="127.0.0.1:1/app"}')).toBe(2)
    expect(samples.get('backup_state{database="127.0.0.1:1/app",state="failed"}')).toBe(1)
  })
})

describe('/status.json', () => {
  test('has what --status --json has, and the jobs', async () => {
    await using folder = temporaryFolder()
    const at = new Date('2026-05-05T01:00:00Z')
    await fakeBackup(folder.path, { core, at, bytes: 100, manifest: { spec } })
    await using here = await serving({ root: folder.path })
    await using place = await site([spec], {}, folder.path)

    const page = JSON.parse((await here.get('/status.json')).text) as Record<string, unknown>
    const told = await place.run(['--status', '--json'], { at: now })

    const { databases, sizing } = JSON.parse(told.stdout) as {
      databases: { ageSeconds: number }[]
      sizing: { backups: { neededBytes: number } }
    }
    expect(page).toMatchObject({
      sizing: { backups: { neededBytes: sizing.backups.neededBytes }, unknown: [] },
      databases: databases.map((it) => ({ ...it, ageSeconds: expect.any(Number) as number })),
      lock: null,
      service: {
        mode: 'cron',
        startedAt: '2026-05-01T00:00:00.000Z',
        jobs: [
          {
            name: 'backup.conf:3',
            lastResult: 'failed',
            lastExitStatus: 1,
            nextRun: '2026-05-06T01:00:00.000Z',
          },
        ],
      },
    })
  })
})

describe('the pages', () => {
  test('can only be read, and there are no others', async () => {
    await using folder = temporaryFolder()
    await using here = await serving({ root: folder.path })

    const posted = await Promise.all(
      ['POST', 'PUT', 'DELETE'].map((method) => here.get('/status.json', method)),
    )
    const head = await here.get('/healthz?verbose=1', 'HEAD')
    const other = await here.get('/../../etc/passwd')

    expect(posted.map(({ status }) => status)).toEqual([405, 405, 405])
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(other.status).toBe(404)
    expect(await readdir(folder.path)).toEqual([])
  })

  test('hold no secret', async () => {
    await using folder = temporaryFolder()
    const secret = 'an-unmistakable-secret-7Q'
    const problems = [`backup.conf:3: The line "PASSWORD ${secret}" is not understood.`]
    await using here = await serving(
      { root: folder.path, environment: { DATABASE_PASSWORD: secret } },
      () => ({
        ...calm,
        configuration: { valid: false, readAt: now, problems },
        jobs: [{ ...job, command: `PGPASSWORD=${secret} ./copy` }],
      }),
    )

    const pages = ['/healthz', '/readyz', '/metrics', '/status.json']
    const texts = await Promise.all(pages.map(async (page) => (await here.get(page)).text))

    expect(texts.join('\n')).not.toContain(secret)
    expect(texts[3]).toContain('PGPASSWORD=*** ./copy')
  })

  test('tell of an observation that fails, and go on', async () => {
    await using folder = temporaryFolder()
    await mkdir(folder.join('backups/.catalog/runs'), { recursive: true })
    await writeFile(folder.join('backups/.catalog/runs/2026-05'), 'no folder')
    await using here = await serving({ root: folder.join('backups') })

    expect(await here.get('/metrics')).toMatchObject({
      status: 500,
      text: expect.stringContaining('ENOTDIR') as string,
    })
    expect((await here.get('/healthz')).status).toBe(200)
  })

  test('wait for a port that is taken, and say so once', async () => {
    await using folder = temporaryFolder()
    await using here = await serving({ root: folder.path })
    const told: RunEvent[] = []
    const appliance = await applianceHere({ root: folder.path, lines: [spec] })
    const port = portOf(here.server)

    await using second = await startHealthServer({
      port,
      host: '127.0.0.1',
      appliance: () => ({ ...appliance, tell: (event) => told.push(event) }),
      state: () => calm,
      retryMs: 10,
    })
    expect(second.port).toBeNull()
    expect(told).toMatchObject([
      {
        kind: 'pages-refused',
        error: { message: `The pages of HTTP_PORT=${port} cannot be served yet.` },
      },
    ])

    await here.server[Symbol.asyncDispose]()
    await waitUntil('the port', () => second.port)
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect(answer.status).toBe(200)
    expect(told).toHaveLength(1)
  })

  test('wait no longer than the service', async () => {
    await using folder = temporaryFolder()
    await using here = await serving({ root: folder.path })
    const second = await serving({ root: folder.path, port: portOf(here.server) })

    await second[Symbol.asyncDispose]()

    expect(second.server.port).toBeNull()
  })

  test('end with the server, also for who holds a connection open', async () => {
    await using folder = temporaryFolder()
    const here = await serving({ root: folder.path })
    const socket = connect(portOf(here.server), '127.0.0.1')
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n')
    let heard = ''
    socket.on('data', (bytes) => (heard += bytes.toString()))
    await waitUntil('an answer', () => heard.includes('{"alive":true}'))

    await here[Symbol.asyncDispose]()

    await waitUntil('the end of the connection', () => socket.closed)
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/u)
  })
})
