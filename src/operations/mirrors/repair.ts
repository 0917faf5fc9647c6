import { type Backup, type Copy, parseBackupName, Refusal } from '../../model/index.ts'
import { decrypted } from '../../platform/index.ts'
import type { Appliance } from '../appliance.ts'
import { beginsRight } from '../begins-right.ts'
import { decryptionKeys } from '../encryption.ts'
import { recordCheck } from '../record-findings.ts'
import { measureOf, measuring } from './artifact.ts'
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
  const { volume, signal, clock } = appliance
  const copy = manifest?.copies.find((each) => each.store === name)
  if (manifest === null || copy === undefined) return 'not-possible'
  if (await isAsSealed(appliance, backup)) return 'as-sealed'
  const open = await openerFor(appliance, backup, { copy, store })
  if (open === null) return 'not-possible'
  const bytes = await open()
  const { source, measured } = measuring({ bytes: manifest.bytes, open: () => bytes })
  const checked = {
    ...source,
    async *open(start: number) {
      yield* source.open(start)
      // Nothing has its name yet: what is not right must not replace what is there.
      if (measured()?.sha256 !== manifest.sha256) throw noBetter(path, name)
    },
  }
  await volume.put(path, checked, signal)
  await recordCheck(appliance, backup, { ok: true, at: clock.now().toISOString(), problem: null })
  return 'mended'
}

/** null: nothing that is there can become the bytes that were sealed. */
async function openerFor(
  { environment, signal, configuration }: Appliance,
  { name, manifest }: Backup,
  { copy, store }: { readonly copy: Copy; readonly store: MirrorStore },
): Promise<(() => Promise<AsyncIterable<Uint8Array>>) | null> {
  if (copy.sha256 === manifest?.sha256) return () => store.open(copy.path, signal)
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

/** What failed its verification with the right bytes is not mended by the same bytes. */
async function isAsSealed({ volume, signal }: Appliance, backup: Backup): Promise<boolean> {
  const { path, manifest } = backup
  const { sha256 } = await measureOf(await volume.open(path, signal))
  return sha256 === manifest?.sha256
}

function noBetter(path: string, name: string): Refusal {
  return new Refusal(`${path} could not be mended from its copy in ${name}.`, {
    reason: 'The copy gives other bytes than were sealed, too.',
    advice: 'Take a new backup.',
  })
}
