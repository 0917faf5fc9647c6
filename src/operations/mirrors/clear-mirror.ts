import type { Appliance } from '../appliance.ts'
import type { MirrorStore } from './mirror.ts'

/**
 * Removes what dead runs left of copies of configured databases: also where none is ever tried
 * again, because the volume has pruned the backup since.
 */
export async function clearMirror(
  { configuration, signal, tell }: Appliance,
  store: MirrorStore,
): Promise<void> {
  const cores = new Set(configuration.databases.map(({ core }) => core))
  const removed = (await store.removeLeftovers?.((core) => cores.has(core), signal)) ?? []
  for (const path of removed) {
    const text = `Removed ${store.name}:${path}, the left-over of a copy that was interrupted.`
    tell({ kind: 'warning', database: null, text })
  }
}
