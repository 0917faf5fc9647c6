import type { Store } from '../../model/index.ts'
import { systemClock } from '../../platform/index.ts'
import { flatNameOf } from '../flat-names.ts'
import { clientsOf } from './client.ts'
import { listBackups, listRecords } from './list.ts'
import { open } from './open.ts'
import type { S3Options } from './options.ts'
import { keyOf, type Place } from './place.ts'
import { put } from './put.ts'
import { removeObject } from './stored.ts'

/** Backups as objects below a prefix of a bucket, under the paths that they have on the volume. */
export async function openS3(options: S3Options): Promise<Store> {
  const place = await placeOf(options)
  return {
    name: 's3',
    list: (signal) => listBackups(place, signal),
    listRecords: (signal) => listRecords(place, signal),
    open: (path, signal) => open(place, path, { signal }),
    put: (path, source, signal) => put(place, path, { source, signal }),
    remove: (path, signal = new AbortController().signal) => remove(place, path, signal),
  }
}

/** The way to the bucket. @throws {Refusal} when the certificate authorities cannot be read. */
export async function placeOf(
  options: S3Options,
  isPatient: () => boolean = () => false,
): Promise<Place> {
  const { quick, patient, serverTime } = await clientsOf(options)
  return {
    client: () => (isPatient() ? patient : quick),
    serverTime,
    bucket: options.bucket,
    bucketFrom: 'S3_BUCKET',
    prefix: options.prefix,
    server: options.endpoint ?? 'Amazon S3',
    keeping: keepingOf(options),
    tags: options.tags.map(([Key, Value]) => ({ Key, Value })),
    clock: options.clock ?? systemClock,
  }
}

/** Under its path, and under its flat name. */
export async function remove(place: Place, path: string, signal: AbortSignal): Promise<void> {
  const flat = flatNameOf(path)
  for (const name of [path, ...(flat === null ? [] : [flat])]) {
    await removeObject({ place, doing: `Removing ${path}`, signal, key: keyOf(place, name) })
  }
}

function keepingOf({ encryption, storageClass, tags }: S3Options): Place['keeping'] {
  // Not URLSearchParams: not every server takes a `+` for a blank.
  const tagging = tags.map((tag) => tag.map(encodeURIComponent).join('=')).join('&')
  return {
    ...(encryption !== null && { ServerSideEncryption: encryption.algorithm }),
    ...(encryption?.keyId != null && { SSEKMSKeyId: encryption.keyId }),
    ...(storageClass !== null && { StorageClass: storageClass as never }),
    ...(tagging !== '' && { Tagging: tagging }),
  }
}
