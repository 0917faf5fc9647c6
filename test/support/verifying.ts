import { createHash } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Manifest } from '../../src/model/index.ts'
import { type Site, site } from './site.ts'
import type { TestDatabase } from './test-database.ts'
import { manifestPathOf, readManifest } from './volume.ts'

/** A site with one backup, and where that is below its root. */
export interface BackedUp extends Site {
  readonly path: string
}

export async function backedUp(
  database: TestDatabase,
  env: Readonly<Record<string, string>> = {},
): Promise<BackedUp> {
  const here = await site([database.spec], env)
  // Root's scratch server runs as somebody else, who must get through.
  await chmod(here.folder.path, 0o711)
  const ended = await here.run(['-1'])
  if (ended.status !== 0) throw new Error(ended.stderr)
  const [path = ''] = await here.backups()
  return { ...here, path }
}

export async function verify(
  here: Site,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ReturnType<Site['run']> {
  return await here.run(['-v', 'all', ...args], {
    env: { VERIFICATION_DIR: here.folder.join('verification'), ...env },
  })
}

export async function verdictOf(
  here: Site,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly verdict: string; readonly differences: string[] }> {
  const { status, stdout, stderr } = await verify(here, ['--json'], env)
  const { results } = JSON.parse(stdout) as {
    results: { verdict: string; differences: string[] }[]
  }
  const [result] = results
  if (result === undefined) throw new Error(stderr)
  return { status, verdict: result.verdict, differences: result.differences }
}

export async function plainTextOf(here: BackedUp): Promise<string> {
  return gunzipSync(await readFile(join(here.root, here.path))).toString('utf8')
}

/** Changes the text of an archive; its manifest agrees with the new bytes, which nobody verified. */
export async function forge(here: BackedUp, change: (sql: string) => string): Promise<void> {
  const bytes = gzipSync(change(await plainTextOf(here)))
  await writeFile(join(here.root, here.path), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const verifications: Manifest['verifications'] = []
  await changeManifest(here, (it) => ({ ...it, bytes: bytes.length, sha256, verifications }))
}

export async function changeManifest(
  here: BackedUp,
  change: (manifest: Manifest) => Manifest,
): Promise<void> {
  const manifest = change(await readManifest(here.root, here.path))
  await writeFile(join(here.root, manifestPathOf(here.path)), JSON.stringify(manifest))
}
