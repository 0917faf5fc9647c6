import { createHash } from 'node:crypto'
import {
  type Copy,
  type Manifest,
  type OriginalFile,
  parseBackupName,
  recordsFolder,
} from '../model/index.ts'
import { manifestShape } from './manifest-shape.ts'
import { fileNameOf } from './path-documents.ts'

/** The manifest of a copy, as it lies beside it in a mirror. */
export interface TravellingManifest {
  /** Relative to the root of the mirror. */
  readonly path: string
  readonly text: string
  readonly sha256: string
}

/**
 * The manifest of a backup as that of its copy, which may have other bytes under another name; it
 * says then which file of the volume it was, so that a lost manifest can come back. What a check
 * found, it found about the file on the volume.
 */
export function manifestOfCopy(
  manifest: Manifest,
  copy: Pick<Copy, 'path' | 'bytes' | 'sha256'> & Pick<Manifest, 'codec'>,
): Manifest {
  const { path, bytes, sha256, codec } = copy
  const ofCopy = { ...manifest, path, bytes, sha256, codec, copies: [], check: null }
  const isAsItIs = path === manifest.path && sha256 === manifest.sha256
  return isAsItIs ? ofCopy : { ...ofCopy, original: originalOf(manifest) }
}

function originalOf({ path, bytes, sha256, codec }: Manifest): OriginalFile {
  return { path, bytes, sha256, codec }
}

/** The other way round: the manifest beside a copy as that of the file of the volume. */
export function manifestOfOriginal({ original, ...manifest }: Manifest): Manifest {
  const { path, bytes, sha256, codec } = original ?? manifest
  const isEncrypted = parseBackupName(path)?.encryption !== undefined
  const encryption = isEncrypted ? manifest.encryption : undefined
  return { ...manifest, path, bytes, sha256, codec, encryption }
}

export function travelling(manifest: Manifest): TravellingManifest {
  const text = `${JSON.stringify(manifest)}\n`
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { path: recordPathOf(manifest.path), text, sha256 }
}

/** Where the manifest of a backup lies in a store, relative to its root. */
export function recordPathOf(path: string): string {
  return `${recordsFolder}/${fileNameOf(path)}`
}

/** The manifest in a text from elsewhere; null when it is none, or not that of `path`. */
export function readTravelling(text: string, path: string): Manifest | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (manifestShape(value) !== null) return null
  const manifest = value as Manifest
  return manifest.path === path ? manifest : null
}
