import { travelling } from '../../catalog/index.ts'
import { type Backup, type Copy, sourceOf } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { type Measure, manifestInMirror } from './artifact.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

export interface Recording {
  readonly mirror: Mirror
  readonly store: MirrorStore
  readonly copy: Omit<Copy, 'store' | 'manifestSha256'>
  /** The sum of the file on the volume, where that was taken. */
  readonly sealed: string | undefined
}

/** Its manifest goes beside the copy, and the word of it into the records of the volume. */
export async function recordCopy(
  appliance: Appliance,
  { path, bytes }: Backup,
  { store, mirror, copy, sealed }: Recording,
): Promise<void> {
  const { catalog, signal } = appliance
  const manifest = await catalog.read(path)
  if (manifest === null) {
    await catalog.appraise({ path, bytes }, (before) => ({
      ...before,
      ...(sealed === undefined ? {} : { sha256: sealed }),
      copies: withCopy(before.copies, { store: mirror.name, ...copy }),
    }))
    return
  }
  const beside = travelling(manifestInMirror(mirror, manifest, copy))
  await store.put(beside.path, sourceOf(Buffer.from(beside.text)), signal)
  const entry: Copy = { store: mirror.name, manifestSha256: beside.sha256, ...copy }
  await catalog.update(path, (before) => ({
    ...before,
    copies: withCopy(before.copies, entry),
  }))
}

interface Adopting extends Pick<Recording, 'mirror' | 'store' | 'sealed'> {
  readonly copy: Measure & Pick<Copy, 'path'>
}

/** Puts on record that a mirror has a copy already, which was read and compared. */
export async function adoptCopy(
  appliance: Appliance,
  backup: Backup,
  { copy, ...recording }: Adopting,
): Promise<void> {
  const checkedAt = appliance.clock.now().toISOString()
  await recordCopy(appliance, backup, {
    ...recording,
    copy: { ...copy, checkedAt, isReadBack: true },
  })
}

export function withCopy(copies: readonly Copy[] | undefined, copy: Copy): readonly Copy[] {
  return [...(copies ?? []).filter(({ store }) => store !== copy.store), copy]
}

/** Takes a copy off the record: the mirror need not have one. */
export async function forgetCopy(
  appliance: Appliance,
  backup: Backup,
  { name }: Pick<Mirror, 'name'>,
): Promise<void> {
  await changeCopies(appliance, backup, (copies) => copies.filter(({ store }) => store !== name))
}

/** Puts on record that a copy is missing or rotten: it counts no more, and is sent again. */
export async function loseCopy(
  appliance: Appliance,
  backup: Backup,
  { name }: Pick<Mirror, 'name'>,
): Promise<void> {
  const lostAt = appliance.clock.now().toISOString()
  await changeCopies(appliance, backup, (copies) =>
    copies.map((copy) => (copy.store === name ? { lostAt, ...copy } : copy)),
  )
}

async function changeCopies(
  { catalog }: Appliance,
  { path, bytes }: Backup,
  change: (copies: readonly Copy[]) => readonly Copy[],
): Promise<void> {
  const updated = await catalog.update(path, (manifest) => ({
    ...manifest,
    copies: change(manifest.copies),
  }))
  if (updated !== null) return
  await catalog.appraise({ path, bytes }, (before) => ({
    ...before,
    copies: change(before.copies ?? []),
  }))
}
