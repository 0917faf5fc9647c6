import { travelling } from '../../catalog/index.ts'
import {
  type Backup,
  copyIn,
  type Manifest,
  Refusal,
  sourceOf,
  sumOnRecord,
} from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { recordCheck } from '../record-findings.ts'
import { progressTeller } from '../tell-progress.ts'
import {
  type Artifact,
  artifactFor,
  type Measure,
  manifestInMirror,
  measureOf,
  measuring,
  Rotten,
} from './artifact.ts'
import { recordCopy, withCopy } from './copy-records.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

export interface Sending {
  readonly mirror: Mirror
  readonly store: MirrorStore
  /** Whether the copy is to be read back whole. */
  readonly readBack: boolean
  /** Hears now and then how far it is. */
  readonly onBytes?: (bytes: number, expectedBytes: number | null) => void
}

/**
 * Copies a backup to a mirror: its bytes, then its manifest beside them, then the word of it into
 * the manifest on the volume, or the appraisal of a backup that has none. What counts as a copy was
 * compared by its own bytes.
 * @throws {Refusal} when it is not there as a whole; nothing claims then that it is.
 */
export async function copyOne(
  appliance: Appliance,
  backup: Backup,
  { mirror, store, readBack, onBytes = () => {} }: Sending,
): Promise<Measure> {
  const { signal, clock } = appliance
  const artifact = artifactFor(appliance, mirror, backup)
  using progress = progressTeller(onBytes)
  const expectedBytes = artifact.source.bytes
  const { source, measured } = measuring(artifact.source, (bytes) =>
    progress.heard(bytes, expectedBytes),
  )
  try {
    await store.put(artifact.path, source, signal)
  } catch (error) {
    if (error instanceof Rotten) throw await rotten(appliance, backup, error.sha256)
    throw error
  }
  const sent = measured() ?? (await measureOf(artifact.source.open(0)))
  await refuseIfRotten(appliance, backup, { artifact, sent, store })
  if (readBack) await compareBack(appliance, { artifact, sent, store })
  await recordCopy(appliance, backup, {
    mirror,
    store,
    sealed: artifact.isAsItIs ? sent.sha256 : undefined,
    copy: {
      path: artifact.path,
      ...sent,
      checkedAt: clock.now().toISOString(),
      isReadBack: readBack,
    },
  })
  return sent
}

interface Sent {
  readonly artifact: Artifact
  readonly sent: Measure
  readonly store: MirrorStore
}

/** The volume may have lost a bit since the backup was sealed: that must not spread. */
async function refuseIfRotten(
  appliance: Appliance,
  backup: Backup,
  { artifact, sent, store }: Sent,
): Promise<void> {
  const sealed = sumOnRecord(backup)
  if (!artifact.isAsItIs || sealed === undefined || sealed === sent.sha256) return
  await store.remove(artifact.path, appliance.signal)
  throw await rotten(appliance, backup, sent.sha256)
}

async function rotten(appliance: Appliance, backup: Backup, sha256: string): Promise<Refusal> {
  const problem = 'its bytes are not those that were sealed'
  const at = appliance.clock.now().toISOString()
  await recordCheck(appliance, backup, { ok: false, at, problem })
  return new Refusal(`${backup.path} has not been copied: ${problem}.`, {
    reason: `The volume gives other bytes than were written (SHA-256 ${sha256}).`,
    advice: 'Take a new backup, and check the volume: backup.sh --check all.',
  })
}

async function compareBack(
  { signal }: Appliance,
  { artifact: { path }, sent, store }: Sent,
): Promise<void> {
  const back = await measureOf(await store.open(path, signal))
  if (back.sha256 === sent.sha256) return
  await store.remove(path, signal)
  throw new Refusal(`The copy of ${path} in ${store.name} is not what was sent.`, {
    reason: `${sent.bytes} bytes went there, and ${back.bytes} came back, with another checksum.`,
    advice: 'It was removed there and will be sent again. If that happens again, check the server.',
    mayPass: true,
  })
}

/**
 * Sends a manifest anew that has changed since (verified, pinned), or that is not there any more.
 * @param records the manifests that the store lists: their bytes, by path.
 */
export async function refreshManifest(
  appliance: Appliance,
  manifest: Manifest,
  { mirror, store, records }: Refreshing,
): Promise<boolean> {
  const copy = copyIn({ manifest }, mirror.name)
  if (copy === undefined) return false
  const verifications = await findingsOn(appliance, manifest)
  const beside = travelling(manifestInMirror(mirror, { ...manifest, verifications }, copy))
  const isThere = records.get(beside.path) === Buffer.byteLength(beside.text)
  if (isThere && beside.sha256 === copy.manifestSha256) return false
  await store.put(beside.path, sourceOf(Buffer.from(beside.text)), appliance.signal)
  const entry = { ...copy, manifestSha256: beside.sha256 }
  await appliance.catalog.update(manifest.path, (before) => ({
    ...before,
    copies: withCopy(before.copies, entry),
  }))
  return true
}

interface Refreshing extends Pick<Sending, 'mirror' | 'store'> {
  readonly records: ReadonlyMap<string, number>
}

/** A verification that failed because the volume has lost bytes says nothing about a copy. */
async function findingsOn(
  { volume, signal }: Appliance,
  { path, sha256, verifications }: Manifest,
): Promise<Manifest['verifications']> {
  if (verifications.every(({ verdict }) => verdict !== 'failed')) return verifications
  const now = await measureOf(await volume.open(path, signal))
  if (now.sha256 === sha256) return verifications
  return verifications.filter(({ verdict }) => verdict !== 'failed')
}
