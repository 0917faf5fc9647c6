import { type _Object, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { ownFolder, parseBackupName, recordsFolder, type StoredFile } from '../../model/index.ts'
import { withFlatNames } from '../flat-names.ts'
import { ask } from './ask.ts'
import { type Place, rootOf } from './place.ts'

/**
 * Comes right after all keys below `.catalog/`, and before those of backups: dates and tiers. Records
 * of runs may be many more than backups, and listings go by the thousand.
 */
const afterRecords = `${ownFolder}0`

/** The backups below the prefix; other objects there are not ours. */
export async function listBackups(
  place: Place,
  signal: AbortSignal,
): Promise<readonly StoredFile[]> {
  const all = filesBelow(place, { after: afterRecords }, signal)
  const files = await collect(all, ({ path }) => isMaybeBackup(path))
  return withFlatNames(files)
}

export async function listRecords(
  place: Place,
  signal: AbortSignal,
): Promise<readonly StoredFile[]> {
  const records = filesBelow(place, `${recordsFolder}/`, signal)
  return await collect(records, ({ path }) => path.endsWith('.json'))
}

/** Under its path, or straight below the prefix, where the original put it. */
function isMaybeBackup(path: string): boolean {
  return parseBackupName(path) !== null || !path.includes('/')
}

async function collect(
  files: AsyncIterable<ListedObject>,
  isMeant: (file: StoredFile) => boolean,
): Promise<readonly StoredFile[]> {
  const found: StoredFile[] = []
  for await (const { path, bytes, modifiedAt } of files) {
    const file = { path, bytes, modifiedAt }
    if (isMeant(file)) found.push(file)
  }
  return found
}

/** An object in a listing. */
interface ListedObject extends StoredFile {
  /** Changes with the bytes. */
  readonly etag: string
}

/** Every object whose path begins so, or comes after that, page by page. */
export async function* filesBelow(
  place: Place,
  which: string | { readonly after: string },
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  const root = rootOf(place.prefix)
  const range =
    typeof which === 'string'
      ? { Prefix: root + which }
      : { Prefix: root, StartAfter: root + which.after }
  const asking = { place, doing: 'Listing the backups', signal }
  let next: string | undefined
  do {
    const page = new ListObjectsV2Command({
      Bucket: place.bucket,
      ...range,
      ContinuationToken: next,
      // A key that someone else chose may hold what XML cannot say.
      EncodingType: 'url',
    })
    const answer = await ask(asking, (client, options) => client.send(page, options))
    for (const object of answer.Contents ?? []) {
      yield listed(object, root.length, answer.EncodingType === 'url')
    }
    next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined
  } while (next !== undefined)
}

function listed(object: _Object, prefixLength: number, isEncoded: boolean): ListedObject {
  const { Key = '', Size = 0, LastModified = new Date(0), ETag = '' } = object
  const key = isEncoded ? decoded(Key) : Key
  return { path: key.slice(prefixLength), bytes: Size, modifiedAt: LastModified, etag: ETag }
}

/** Names of what is one level below a folder as if it were a folder, too. */
export async function foldersIn(
  place: Place,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const start = `${rootOf(place.prefix)}${folder}/`
  const names: string[] = []
  let next: string | undefined
  do {
    const page = new ListObjectsV2Command({
      Bucket: place.bucket,
      Prefix: start,
      Delimiter: '/',
      ContinuationToken: next,
    })
    const asking = { place, doing: 'Listing the records', signal }
    const answer = await ask(asking, (client, options) => client.send(page, options))
    for (const { Prefix = '' } of answer.CommonPrefixes ?? []) {
      names.push(Prefix.slice(start.length).replace(/\/$/u, ''))
    }
    next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined
  } while (next !== undefined)
  return names
}

/** A name that is no text is not one of ours, and may stay as it came. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', '%20'))
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}
