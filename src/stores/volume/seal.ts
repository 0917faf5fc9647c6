import { lstat, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Manifest, Refusal, type SealedBackup, type WrittenBackup } from '../../model/index.ts'
import { isCode, syncFolder } from '../../platform/index.ts'
import { orNothing } from './or-nothing.ts'
import { absolutePath, type Place } from './place.ts'

/** What makes a written backup a sealed one. */
export interface Seal {
  readonly manifest: Manifest
  /** Makes the manifest durable. */
  readonly save: (manifest: Manifest) => Promise<void>
}

/**
 * The bytes are durable already; then comes the manifest, then the name, then the folder that
 * holds the name. Killed in between, a backup without its manifest never has its final name.
 */
export async function seal(
  place: Place,
  written: WrittenBackup,
  { manifest, save }: Seal,
): Promise<SealedBackup> {
  const { path, partialPath, bytes, sha256 } = written
  if (manifest.path !== path || manifest.bytes !== bytes || manifest.sha256 !== sha256) {
    throw new TypeError(`The manifest of ${manifest.path} does not describe ${path}.`)
  }
  const final = absolutePath(place, path)
  await orNothing(place, partialPath, async () => {
    await refuseToReplace(final)
    await save(manifest)
    await rename(absolutePath(place, partialPath), final)
    await syncFolder(dirname(final))
  })
  return { state: 'sealed', path, manifest }
}

/** The name was free when the backup began; a rename would replace what came since, silently. */
async function refuseToReplace(path: string): Promise<void> {
  try {
    await lstat(path)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  throw new Refusal(`${path} exists already.`, {
    reason: 'It came into being while the backup of this name was being written.',
    advice: 'Find out who else writes there, and run the backup again.',
  })
}
