/* Makes one backup on the volume of its argument, from beginning to seal. */

import { openCatalog } from '../../src/catalog/index.ts'
import type { Manifest } from '../../src/model/index.ts'
import { parseBackupName } from '../../src/model/index.ts'
import { openVolume } from '../../src/stores/index.ts'
import { fakeManifest } from '../support/volume.ts'

const [root = '', path = ''] = process.argv.slice(2)
const modes = { file: 0o600, folder: 0o700 }
const at = new Date('2026-11-20T01:00:00Z')
const volume = openVolume(root, { modes })
const catalog = openCatalog(root, { modes, clock: { now: () => at } })
const name = parseBackupName(path)
if (name === null) throw new Error(`Not a backup: ${path}`)

const begun = await volume.begin(name)
const written = await volume.write(begun, dump(), { signal: new AbortController().signal })
const { bytes, sha256 } = written
const manifest: Manifest = { ...fakeManifest(written.path, at, Buffer.alloc(0)), bytes, sha256 }
await volume.seal(written, manifest, (it) => catalog.save(it))
console.log('sealed')

async function* dump(): AsyncGenerator<Buffer> {
  for (let part = 0; part < 5; part += 1) yield Buffer.alloc(100_000, String(part))
}
