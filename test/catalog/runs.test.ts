import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Catalog, openCatalog } from '../../src/catalog/index.ts'
import type { RunDocument } from '../../src/model/index.ts'
import { listFiles as listAllFiles, temporaryFolder } from '../support/volume.ts'

const now = new Date('2026-11-21T00:00:00Z')

describe('a run document', () => {
  test('is written at the start and replaced at the end', async () => {
    const { catalog, root } = catalogOfTest()
    const started = run('2026-11-20T01:00:00.123Z')
    const ended: RunDocument = {
      ...started,
      endedAt: '2026-11-20T01:00:09.000Z',
      result: 'failed',
      databases: [
        {
          spec: 'postgres=h:5432/app',
          state: 'failed',
          endedAt: '2026-11-20T01:00:09.000Z',
          path: null,
          bytes: null,
          error: { message: 'no', reason: 'because', advice: 'try' },
        },
      ],
      removed: ['2026-10-20/db-app_2026-10-20_01-00-00.sql.gz'],
    }

    await catalog.saveRun(started)
    expect(await catalog.recentRuns({ limit: 9 })).toEqual([started])
    await catalog.saveRun(ended)

    expect(await catalog.recentRuns({ limit: 9 })).toEqual([ended])
    const file = '.catalog/runs/2026-11/2026-11-20T01-00-00.123Z-run.json'
    expect(await listRuns(root)).toEqual([file])
    expect((await stat(`${root}/${file}`)).mode & 0o777).toBe(0o600)
  })

  test('stays in its folder whatever its id is', async () => {
    const { catalog, root } = catalogOfTest()

    await catalog.saveRun({ ...run('2026-11-20T01:00:00.000Z'), id: '../../x' })

    expect(await listRuns(root)).toEqual([
      '.catalog/runs/2026-11/2026-11-20T01-00-00.000Z-..%2F..%2Fx.json',
    ])
  })
})

describe('recent runs', () => {
  test('are the newest, newest first, over the ends of months and years', async () => {
    const { catalog } = catalogOfTest()
    const starts = ['2025-12-31T23', '2026-01-01T00', '2026-01-31T12', '2026-02-01T01'].map(
      (start) => `${start}:00:00.000Z`,
    )
    for (const start of [2, 0, 3, 1]) await catalog.saveRun(run(starts[start] ?? ''))

    const recent = await catalog.recentRuns({ limit: 3 })

    expect(recent.map(({ startedAt }) => startedAt)).toEqual(starts.toReversed().slice(0, 3))
  })

  test('skip what cannot be used, and say so', async () => {
    const { catalog, root, problems } = catalogOfTest()
    await catalog.saveRun(run('2026-11-20T01:00:00.000Z'))
    const folder = `${root}/.catalog/runs/2026-11`
    await writeFile(`${folder}/2026-11-21T01-00-00.000Z-cut.json`, '{"version":1')
    await writeFile(`${folder}/2026-11-22T01-00-00.000Z-wrong.json`, '{"version":1}')
    await writeFile(`${folder}/notes.json`, 'of somebody else')
    await mkdir(`${root}/.catalog/runs/old`)

    const recent = await catalog.recentRuns({ limit: 1 })

    expect(recent.map(({ startedAt }) => startedAt)).toEqual(['2026-11-20T01:00:00.000Z'])
    expect(problems).toHaveLength(2)
  })

  test('are none where there is no catalog', async () => {
    expect(await catalogOfTest().catalog.recentRuns({ limit: 5 })).toEqual([])
  })
})

describe('old runs', () => {
  test('are removed after JOURNAL_DAYS, with months that are empty then', async () => {
    const { catalog, root } = catalogOfTest()
    const starts = ['2026-09-30T23', '2026-10-21T23', '2026-10-22T00', '2026-11-20T01']
    for (const start of starts) await catalog.saveRun(run(`${start}:59:59.000Z`))

    const removed = await catalog.removeOldRuns({ days: 30 })

    expect(removed).toBe(2)
    const left = await catalog.recentRuns({ limit: 9 })
    expect(left.map(({ startedAt }) => startedAt.slice(0, 13))).toEqual(
      starts.slice(2).toReversed(),
    )
    expect((await readdir(`${root}/.catalog/runs`)).toSorted()).toEqual(['2026-10', '2026-11'])
  })

  test('are removed with the halves that killed runs left, so that their month goes, too', async () => {
    const { catalog, root } = catalogOfTest()
    await catalog.saveRun(run('2026-01-01T00:00:00.000Z'))
    await catalog.saveRun(run('2026-11-20T00:00:00.000Z'))
    const folder = `${root}/.catalog/runs`
    for (const half of [
      '2026-01/.new-1-x.json',
      '2026-11/.new-2-x.json',
      '2026-11/.new-3-x.json',
    ]) {
      await writeFile(`${folder}/${half}`, '{')
      const at = half.includes('-3-') ? now : new Date('2026-01-01T00:00:00.000Z')
      await utimes(`${folder}/${half}`, at, at)
    }

    expect(await catalog.removeOldRuns({ days: 30 })).toBe(1)

    expect(await readdir(folder)).toEqual(['2026-11'])
    expect((await readdir(`${folder}/2026-11`)).filter((name) => name.startsWith('.'))).toEqual([
      '.new-3-x.json',
    ])
  })

  test('leave alone what others put beside them', async () => {
    const { catalog, root } = catalogOfTest()
    await catalog.saveRun(run('2026-01-01T00:00:00.000Z'))
    await writeFile(`${root}/.catalog/runs/2026-01/notes.txt`, '')

    await catalog.removeOldRuns({ days: 30 })

    expect(await listRuns(root)).toEqual(['.catalog/runs/2026-01/notes.txt'])
  })

  test('are none where there is no catalog', async () => {
    expect(await catalogOfTest().catalog.removeOldRuns({ days: 30 })).toBe(0)
  })
})

function catalogOfTest(): { catalog: Catalog; root: string; problems: string[] } {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const problems: string[] = []
  const catalog = openCatalog(folder.path, {
    modes: { file: 0o600, folder: 0o700 },
    clock: { now: () => now },
    onProblem: (text) => problems.push(text),
  })
  return { catalog, root: folder.path, problems }
}

function run(startedAt: string): RunDocument {
  return {
    version: 1,
    id: 'run',
    verb: 'back-up',
    trigger: 'schedule',
    who: 'backup.sh -s',
    host: 'pod',
    pid: 1,
    startedAt,
    endedAt: null,
    result: null,
    databases: [],
    removed: [],
  }
}

/** All but the room that is set aside for a full volume. */
async function listRuns(root: string): Promise<string[]> {
  return (await listAllFiles(root)).filter((path) => path !== '.catalog/reserve')
}
