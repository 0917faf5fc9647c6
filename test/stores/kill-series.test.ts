import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openCatalog } from '../../src/catalog/index.ts'
import { inProgressPathOf } from '../../src/model/index.ts'
import { openVolume } from '../../src/stores/index.ts'
import { startTestChild } from '../support/child.ts'
import { listFiles, temporaryFolder } from '../support/volume.ts'

const script = fileURLToPath(new URL('seal-child.ts', import.meta.url))
const preload = fileURLToPath(new URL('../support/kill-at-step.ts', import.meta.url))
const path = 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const { signal } = new AbortController()
const modes = { file: 0o600, folder: 0o700 }
/** More than any way to a sealed backup has; a series that gets here never ended. */
const mostSteps = 200

test('a kill between any two steps leaves no sealed file without its manifest', async () => {
  const outcomes: string[] = []
  for (let step = 1; outcomes.at(-1) !== 'completed'; step += 1) {
    expect(step).toBeLessThan(mostSteps)
    outcomes.push(await killAt(step))
  }

  expect([...new Set(outcomes)]).toEqual([
    'nothing',
    'partial file',
    'partial file and manifest',
    'sealed, then killed',
    'completed',
  ])
}, 120_000)

async function killAt(step: number): Promise<string> {
  await using folder = temporaryFolder()
  const env = { KILL_AT_STEP: String(step) }
  await using child = startTestChild(script, [folder.path, path], { preload, env })
  const { status, stdout, stderr } = await child.ended
  expect({ stderr, end: status === 0 ? stdout : status }).toEqual({
    stderr: '',
    end: status === 0 ? 'sealed\n' : 'SIGKILL',
  })

  const outcome = await examine(folder.path)
  await expectClearedAway(folder.path)
  return status === 0 ? 'completed' : outcome
}

async function examine(root: string): Promise<string> {
  const { volume, catalog } = openBoth(root)
  const files = await listFiles(root)
  const sealed = await volume.list(signal)
  for (const { path: file, bytes } of sealed) {
    const manifest = await catalog.read(file)
    const content = await readFile(volume.absolute(file))
    expect(manifest).toMatchObject({
      bytes,
      sha256: createHash('sha256').update(content).digest('hex'),
    })
    expect(bytes).toBe(500_000)
  }
  if (sealed.length > 0) return 'sealed, then killed'
  if (!files.includes(inProgressPathOf(path))) return 'nothing'
  const hasManifest = (await catalog.read(path)) !== null
  return hasManifest ? 'partial file and manifest' : 'partial file'
}

/** The next cycle finds nothing but what was sealed. */
async function expectClearedAway(root: string): Promise<void> {
  const { volume, catalog } = openBoth(root)
  await volume.removeLeftovers((core) => core === 'db-app')
  const sealed = (await volume.list(signal)).map((file) => file.path)
  await catalog.removeOrphans(new Set(sealed))

  expect(await listFiles(root, { catalog: false })).toEqual(sealed)
  const manifests = (await listFiles(root)).filter((file) => /manifests\/[^.]/u.test(file))
  expect(manifests.length).toBe(sealed.length)
}

function openBoth(root: string) {
  return {
    volume: openVolume(root, { modes }),
    catalog: openCatalog(root, { modes, clock: { now: () => new Date() } }),
  }
}
