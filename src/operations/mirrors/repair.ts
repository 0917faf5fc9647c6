import {
  type Backup,
  type Copy,
  copyIn,
  parseBackupName,
  Refusal,
  sumOnRecord,
} from '../../model/index.ts'
import { decrypted } from '../../platform/index.ts'
import type { Appliance } from '../appliance.ts'
import { beginsRight } from '../begins-right.ts'
import { decryptionKeys } from '../encryption.ts'
import { isAsSealed } from '../opened-archive.ts'
import { recordCheck } from '../record-findings.ts'
import { measuring } from './artifact.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

/** `as-sealed`: the volume gives the right bytes, and is bad for another reason. */
type RepairOutcome = 'mended' | 'as-sealed' | 'not-possible'

/**
 * Writes a backup of the volume anew from its copy in a mirror, when the volume gives other bytes
 * than were sealed and the copy has the right ones: as they are, or encrypted with a key that is
 * here. One that is decompressed there has other bytes for good.
 */
export async function repairFrom(
  appliance: Appliance,
  backup: Backup,
  { name, store }: { readonly name: Mirror['name']; readonly store: MirrorStore },
): Promise<RepairOutcome> {
  const { manifest, path } = backup
  const { volume, signal } = appliance
  const copy = copyIn(backup, name)
  const sealed = sumOnRecord(backup)
  if (sealed === undefined || copy === undefined) return 'not-possible'
  // What failed its verification with the right bytes is not mended by the same bytes.
  if (await isAsSealed(appliance, backup)) return 'as-sealed'
  const open = await openerFor(appliance, backup, { copy, store })
  if (open === null) return 'not-possible'
  const { source, measured } = measuring({
    bytes: manifest?.bytes ?? backup.bytes,
    open: () => whenRead(open),
  })
  const checked = {
    ...source,
    async *open(start: number) {
      yield* source.open(start)
      // Nothing has its name yet: what is not right must not replace what is there.
      if (measured()?.sha256 !== sealed) throw noBetter(path, name)
    },
  }
  await volume.put(path, checked, signal)
  await recordMended(appliance, backup)
  return 'mended'
}

/** Of a backup without a manifest, the sum says no more than that it is again as it was. */
async function recordMended(appliance: Appliance, backup: Backup): Promise<void> {
  const { catalog, clock } = appliance
  const { path, bytes, manifest } = backup
  if (manifest === null) {
    await catalog.appraise({ path, bytes }, (before) => ({ ...before, check: null }))
    return
  }
  await recordCheck(appliance, backup, { ok: true, at: clock.now().toISOString(), problem: null })
}

/** null: nothing that is there can become the bytes that were sealed. */
async function openerFor(
  { environment, signal, configuration }: Appliance,
  backup: Backup,
  { copy, store }: { readonly copy: Copy; readonly store: MirrorStore },
): Promise<(() => Promise<AsyncIterable<Uint8Array>>) | null> {
  const { name } = backup
  if (copy.sha256 === sumOnRecord(backup)) return () => store.open(copy.path, signal)
  const encryption = parseBackupName(copy.path)?.encryption
  const keys = decryptionKeys({ configuration })
  const hasKey = keys.identityFile !== null || keys.passphrase !== null
  if (encryption === undefined || name.encryption !== undefined || !hasKey) return null
  const context = { environment, signal, looksRight: beginsRight(name) }
  return async () =>
    decrypted(
      whenRead(() => store.open(copy.path, signal)),
      { encryption, keys },
      context,
    )
}

/** Opens it with the first byte that is asked for: without a key that fits, there is none. */
async function* whenRead(
  open: () => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  yield* await open()
}

function noBetter(path: string, name: string): Refusal {
  return new Refusal(`${path} could not be mended from its copy in ${name}.`, {
    reason: 'The copy gives other bytes than were sealed, too.',
    advice: 'Take a new backup.',
  })
}
