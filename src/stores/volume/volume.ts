import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolder } from '../../model/index.ts'
import {
  acquireLock,
  diskSpaceOf,
  diskUsage,
  isCode,
  type Modes,
  readLock,
} from '../../platform/index.ts'
import type { Primary } from '../primary.ts'
import { begin, freeName } from './begin.ts'
import { absolutePath } from './place.ts'
import { probe } from './probe.ts'
import { remove, removeLeftovers } from './remove.ts'
import { listBackups, listPartials, listRecords } from './scan.ts'
import { seal } from './seal.ts'
import { open, openAt, put, write } from './transfer.ts'

export interface VolumeOptions {
  readonly modes: Modes
}

/** The volume below a folder. Touches nothing before it is used. */
export function openVolume(root: string, { modes }: VolumeOptions): Primary {
  const place = { root, modes }
  const own = join(root, ownFolder)
  return {
    name: 'volume',
    root,
    scratch: join(own, 'scratch'),
    isLocal: true,
    absolute: (path) => absolutePath(place, path),
    label: (path) => absolutePath(place, path),
    list: (signal) => listBackups(root, signal),
    listPartials: (signal) => listPartials(root, signal),
    open: (path, signal) => open(place, path, signal),
    listRecords: (signal) => listRecords(root, signal),
    put: (path, source, signal) => put(place, path, { source, signal }),
    remove: (path) => remove(place, path),
    freeName: (name) => freeName(place, name),
    begin: (name) => begin(place, name),
    write: (backup, source, options) => write(place, backup, { ...options, source }),
    seal: (backup, manifest, save) => seal(place, backup, { manifest, save }),
    discard: ({ partialPath }) => remove(place, partialPath),
    removeLeftovers: (isOurs) => removeLeftovers(place, isOurs),
    openAt: (path, start) => openAt(place, path, start),
    acquireLock: (wish) => acquireLock(own, { ...wish, modes }),
    readLock: () => readLock(own),
    probe: () => probe(own, modes),
    exists: async () => existsSync(root),
    usage: async () => diskUsage(root, { except: own }),
    async space() {
      try {
        return await diskSpaceOf(root)
      } catch (error) {
        if (isCode(error, 'ENOENT')) return null
        throw error
      }
    },
  }
}
