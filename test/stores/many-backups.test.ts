import { hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeBackups, openCatalog } from '../../src/catalog/index.ts'
import { openVolume } from '../../src/stores/index.ts'
import { fakeManifest, manifestPathOf, temporaryFolder } from '../support/volume.ts'

const { signal } = new AbortController()
const modes = { file: 0o600, folder: 0o700 }
const many = 10_000
/** What a whole `-l` may take of the processor, which does not count what other tests take. */
const mostMs = 1_000

test('ten thousand backups are listed with their manifests within a second', async () => {
  await using folder = temporaryFolder()
  makeBackups(folder.path)
  const volume = openVolume(folder.path, { modes })
  const catalog = openCatalog(folder.path, { modes, clock: { now: () => new Date() } })
  const times: number[] = []
  let ticks = 0
  const ticking = setInterval(() => (ticks += 1), 5)

  for (let round = 0; round < 3; round += 1) {
    const start = process.cpuUsage()
    const files = await volume.list(signal)
    const { manifests } = await catalog.recordsOf(files.map(({ path }) => path))
    const backups = describeBackups(files, manifests)
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1_000)

    expect(backups).toHaveLength(many)
    expect(backups.every(({ quality }) => quality === 'good')).toBe(true)
  }
  clearInterval(ticking)

  expect(Math.min(...times)).toBeLessThan(mostMs)
  // Signals and the heartbeat of the lock had their turn meanwhile.
  expect(ticks).toBeGreaterThan(10)
})

function makeBackups(root: string): void {
  const content = Buffer.from('as good as any')
  const tables = Array.from({ length: 12 }, (_, index) => ({
    schema: 'public',
    table: `table_${index}`,
    rows: index * 1000,
  }))
  const template = fakeManifest('', new Date('2026-11-20T01:00:00Z'), content)
  const fingerprint = { mode: 'rows', tables, problem: null } as const
  mkdirSync(`${root}/.catalog/manifests`, { recursive: true })
  for (let index = 0; index < many; index += 1) {
    const day = new Date(Date.UTC(2020, 0, 1 + Math.floor(index / 10))).toISOString().slice(0, 10)
    if (index % 10 === 0) mkdirSync(`${root}/${day}`)
    const path = `${day}/db-app${index % 10}_${day}_01-00-00.sql.gz`
    writeFileSync(`${root}/${path}`, content)
    const manifest = { ...template, path, fingerprint, sha256: hash('sha256', content) }
    writeFileSync(`${root}/${manifestPathOf(path)}`, JSON.stringify(manifest))
  }
}
