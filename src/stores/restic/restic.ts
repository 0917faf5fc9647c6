import { Refusal, recordsFolder, type Store, type StoredFile } from '../../model/index.ts'
import { dump } from './dump.ts'
import { tagOfPath } from './names.ts'
import type { ResticOptions } from './options.ts'
import { explaining, kindOf } from './problems.ts'
import { forget, put } from './put.ts'
import { findSnapshots, newestWhole, type Snapshot } from './snapshots.ts'
import { Restic } from './tool.ts'
import { Turns } from './turns.ts'

/**
 * A restic repository as a store. A file is a snapshot of its own that holds exactly its bytes;
 * restic cuts them into pieces and keeps each once, so give it dumps that are not compressed.
 * Changes of one store happen one after the other; reading takes no lock.
 */
export interface ResticStore extends Store {
  readonly name: 'restic'
  /**
   * Forgets remains of interrupted copies, and frees the space of all that was forgotten. It may
   * take long, so once per cycle is enough.
   * @throws {Refusal} when restic fails.
   */
  prune(signal: AbortSignal): Promise<void>
  /**
   * For who reads: a repository that was never made is no empty one.
   * @throws {Refusal} when there is none at this place.
   */
  mustExist(signal: AbortSignal): Promise<void>
  /**
   * Checks the structure of the repository, and reads back a part of its data where one is asked
   * for: `1/10`, `5%`, `100%`.
   * @throws {Refusal} with what restic found.
   */
  check(options: ResticCheck): Promise<void>
}

export interface ResticCheck {
  readonly signal: AbortSignal
  /** As restic's `--read-data-subset`; default: none of the data. */
  readonly readDataSubset?: string
}

/** Runs nothing before it is used, and makes the repository at the first `put`, if there is none. */
export function openResticStore(options: ResticOptions): ResticStore {
  const restic = new Restic(options)
  const turns = new Turns()
  return {
    name: 'restic',
    list: async (signal) => (await files(restic, signal)).filter((file) => !isRecord(file)),
    listRecords: async (signal) => (await files(restic, signal)).filter(isRecord),
    open: (path, signal) => open(restic, path, signal),
    put: (path, source, signal) =>
      turns.take(signal, () =>
        explaining(`Copying ${path} to the restic repository`, () =>
          put(restic, path, { source, signal }),
        ),
      ),
    remove: (path, signal) => turns.take(signal, () => remove(restic, path, signal)),
    prune: (signal) => turns.take(signal, () => prune(restic, signal)),
    mustExist: (signal) => mustExist(restic, signal),
    check: (wanted) => turns.take(wanted.signal, () => check(restic, wanted)),
  }
}

async function files(restic: Restic, signal: AbortSignal): Promise<readonly StoredFile[]> {
  const all = await explaining('Listing the restic repository', () =>
    snapshotsIfAny(restic, { signal }),
  )
  return newestWhole(all).map(({ path, bytes, putAt }) => ({ path, bytes, modifiedAt: putAt }))
}

function isRecord({ path }: StoredFile): boolean {
  return path.startsWith(`${recordsFolder}/`)
}

/** A repository that is not made yet holds none. */
async function snapshotsIfAny(
  restic: Restic,
  filter: { readonly tag?: string; readonly signal?: AbortSignal | undefined },
): Promise<readonly Snapshot[]> {
  try {
    return await findSnapshots(restic, filter)
  } catch (error) {
    if (kindOf(error) === 'missing') return []
    throw error
  }
}

async function open(
  restic: Restic,
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const found = await explaining(`Looking for ${path} in the restic repository`, () =>
    snapshotsIfAny(restic, { tag: tagOfPath(path), signal }),
  )
  const [snapshot] = newestWhole(found)
  if (snapshot !== undefined) return dump(restic, snapshot, signal)
  throw new Refusal(`${path} is not in the restic repository.`, {
    reason: 'It may have been pruned since it was listed.',
    advice: 'List the backups that there are with `backup.sh -l --from restic`.',
  })
}

async function remove(restic: Restic, path: string, signal?: AbortSignal): Promise<void> {
  await explaining(`Removing ${path} from the restic repository`, async () => {
    const found = await snapshotsIfAny(restic, { tag: tagOfPath(path), signal })
    await forget(
      restic,
      found.map(({ id }) => id),
      signal,
    )
  })
}

async function prune(restic: Restic, signal: AbortSignal): Promise<void> {
  await explaining('Pruning the restic repository', async () => {
    const all = await findSnapshots(restic, { signal })
    const current = new Set(newestWhole(all).map(({ id }) => id))
    await forget(
      restic,
      all.filter(({ id }) => !current.has(id)).map(({ id }) => id),
      signal,
    )
    await restic.runWhenUnlocked(['prune'], { signal, long: true })
  })
}

async function mustExist(restic: Restic, signal: AbortSignal): Promise<void> {
  await explaining('Looking into the restic repository', async () => {
    await restic.run(['cat', 'config', '--no-lock'], { signal })
  })
}

async function check(restic: Restic, { signal, readDataSubset }: ResticCheck): Promise<void> {
  const subset = readDataSubset === undefined ? [] : [`--read-data-subset=${readDataSubset}`]
  await explaining('The check of the restic repository', async () => {
    await restic.runWhenUnlocked(['check', ...subset], { signal, long: true })
  })
}
