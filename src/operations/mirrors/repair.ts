import { type Backup, Refusal } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { recordCheck } from '../record-findings.ts'
import { measureOf, measuring } from './artifact.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

/**
 * Writes a backup of the volume anew from its copy in a mirror, when the volume gives other bytes
 * than were sealed and the copy has the right ones.
 * @returns whether that was so.
 */
export async function repairFrom(
  appliance: Appliance,
  backup: Backup,
  { name, store }: { readonly name: Mirror['name']; readonly store: MirrorStore },
): Promise<boolean> {
  const { manifest, path } = backup
  const { volume, signal, clock } = appliance
  const copy = manifest?.copies.find((each) => each.store === name)
  if (manifest === null || copy?.sha256 !== manifest.sha256) return false
  if (await isAsSealed(appliance, backup)) return false
  const bytes = await store.open(copy.path, signal)
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
  return true
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
