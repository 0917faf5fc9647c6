import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openCatalog } from '../../src/catalog/index.ts'
import { startTestChild } from '../support/child.ts'
import { temporaryFolder } from '../support/volume.ts'

const modes = { file: 0o600, folder: 0o700 }

function catalogOfTest() {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const options = { modes, clock: { now: () => new Date() } }
  return { ...openCatalog(folder.path, options), root: folder.path }
}

test('a shield holds as long as any of its readers', async () => {
  const { shields } = catalogOfTest()
  expect(await shields.read()).toEqual(new Set())

  const first = await shields.hold('2026-11-20/a.sql.gz')
  const second = await shields.hold('2026-11-20/a.sql.gz')
  await using _other = await shields.hold('2026-11-20/b.sql.gz')
  await first[Symbol.asyncDispose]()
  expect(await shields.read()).toEqual(new Set(['2026-11-20/a.sql.gz', '2026-11-20/b.sql.gz']))

  await second[Symbol.asyncDispose]()
  expect(await shields.read()).toEqual(new Set(['2026-11-20/b.sql.gz']))
})

test('the shield of a reader that was killed falls at once', async () => {
  const { shields, root } = catalogOfTest()
  await using child = startTestChild(fileURLToPath(new URL('shield-child.ts', import.meta.url)), [
    root,
  ])
  expect(await child.line()).toBe('held')
  expect(await shields.read()).toEqual(new Set(['x']))

  child.process.kill('SIGKILL')
  await child.ended

  expect(await shields.read()).toEqual(new Set())
  expect(await readdir(join(root, '.catalog/shields'))).toEqual([])
})
