import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count } from '../support/counts.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { startStatementGate } from '../support/statement-gate.ts'
import { specOf } from '../support/test-database.ts'
import { backedUp, namesLike } from './restore-setting.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

/** The statements of a restore that change something, by how they begin and what is in them. */
const ofLoading = [
  /^CREATE DATABASE .*_restoring_/u,
  /^COMMENT ON DATABASE .* IS 'backup-container: being restored/u,
  /^ALTER DATABASE .*_restoring_.* CONNECTION LIMIT -1/u,
  /^CREATE TABLE public\.t /u,
  /^COPY public\.t /u,
  /ADD CONSTRAINT/u,
]
const besideSteps = [
  ...ofLoading,
  /^BEGIN/u,
  /^COMMENT ON DATABASE .* IS 'backup-container: replaced/u,
  /^ALTER DATABASE \S+ RENAME TO "?\w+_old_/u,
  /^ALTER DATABASE \S+_restoring_\w+ RENAME TO/u,
  /^COMMIT/u,
  /^DROP DATABASE .*_old_/u,
]
const inPlaceSteps = [
  /^DROP DATABASE/u,
  ...ofLoading,
  /^ALTER DATABASE \S+_restoring_\w+ RENAME TO/u,
  /^COMMIT/u,
]

const blows = ['kill', 'lose the connection before it', 'lose the connection behind it'] as const

/** What comes over the restore just before the server gets that statement. */
type Blow = (typeof blows)[number]

/** Restores, and strikes once, at the first statement like that. */
async function strike(step: RegExp, blow: Blow, flags: readonly string[]) {
  const it = await backedUp({}, 'ALTER TABLE t ADD PRIMARY KEY (i)', server)
  let struck = 0
  const running: { kill?: () => void } = {}
  const gate = await startStatementGate(server, (statement) => {
    if (struck > 0 || !step.test(statement)) return 'pass'
    struck += 1
    if (blow !== 'kill') return blow
    running.kill?.()
    return 'pass'
  })
  const to = specOf(gate, it.database.name)
  const run = it.here.start(['-r', it.database.spec, '--to', to, '--yes', ...flags], {
    env: { PGSSLMODE: 'disable' },
  })
  running.kill = () => run.kill('SIGKILL')
  const ended = await run.done
  await expect
    .poll(() => server.psql('postgres', sessionsSql), {
      timeout: 20_000,
      message: 'sessions to end',
    })
    .toBe('0')
  await gate[Symbol.asyncDispose]()
  return { it, ended, struck }
}

const sessionsSql = `SELECT count(*) FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`

/** The old content or the new one, all of it; `none`: there is no such database. */
async function contentOf(name: string): Promise<string> {
  const there = await server.psql('postgres', `SELECT 1 FROM pg_database WHERE datname = '${name}'`)
  if (there === '') return 'none'
  const state = await server.psql(
    name,
    `SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM pg_constraint WHERE conname = 't_pkey'), datallowconn, datconnlimit
      FROM pg_database WHERE datname = current_database()`,
  )
  return { '0|1|t|-1': 'old', '10|1|t|-1': 'new' }[state] ?? state
}

async function expectRecovery(it: Awaited<ReturnType<typeof backedUp>>): Promise<void> {
  const { name, spec } = it.database
  const left = (await namesLike(name, server))
    .split('\n')
    .filter((each) => each !== name && each !== '')
  const next = await it.here.run(['-r', spec, '--yes'])
  expect(next.status).toBe(0)
  expect(await contentOf(name)).toBe('new')
  expect(left.filter((each) => !next.stderr.includes(each))).toEqual([])
  const after = (await namesLike(name, server)).split('\n')
  expect(after.filter((each) => each.includes('_restoring_'))).toEqual([])
}

/** What the user is left with: what stands there, and what was said of it. */
async function outcomeOf({ it, ended }: Awaited<ReturnType<typeof strike>>) {
  const said = /The present database is as it was|any more, as --in-place has it/u.exec(
    ended.stderr,
  )
  return {
    status: ended.status,
    content: await contentOf(it.database.name),
    said: said?.[0] ?? null,
  }
}

const done = { status: 0, content: 'new', said: null }
const failed = { status: 1, content: 'old', said: 'The present database is as it was' }
const gone = { status: 1, content: 'none', said: 'any more, as --in-place has it' }
const killed = (content: string) => ({ status: 137, content, said: null })

/** Each step is struck by each blow in the long run, and by one of them in turn in the short one. */
function due(steps: readonly RegExp[], blow: Blow): readonly RegExp[] {
  const turns = count(1, blows.length)
  return steps.filter((step, at) => {
    const isDecisive = step.source === '^COMMIT'
    return isDecisive || turns > 1 || at % blows.length === blows.indexOf(blow)
  })
}

describe.each([
  ['kill', [killed('old'), killed('new')], [killed('old'), killed('none'), killed('new')]],
  ['lose the connection before it', [done, failed], [done, failed, gone]],
  ['lose the connection behind it', [done, failed], [done, failed, gone]],
] as const)('%s', (blow, allowed, allowedInPlace) => {
  test.each(due(besideSteps, blow))(
    'at %s: old or new stands there, and the next run is well',
    async (step) => {
      const struck = await strike(step, blow, [])
      await using it = struck.it

      expect(struck.struck).toBe(1)
      expect(allowed).toContainEqual(await outcomeOf(struck))
      await expectRecovery(it)
    },
  )

  test.each(due(inPlaceSteps, blow))('at %s with --in-place: never a half', async (step) => {
    const struck = await strike(step, blow, ['--in-place'])
    await using it = struck.it

    expect(struck.struck).toBe(1)
    expect(allowedInPlace).toContainEqual(await outcomeOf(struck))
    await expectRecovery(it)
  })
})
