import { Refusal, type Source } from '../../model/index.ts'
import { peek, saveEmptyFile } from './empty-file.ts'
import { feed } from './feed.ts'
import { resticNameOf, resticTime, tagOfBytes, tagOfPath, tagOfPut } from './names.ts'
import { explaining } from './problems.ts'
import { onRepository } from './repository.ts'
import { findSnapshots, jsonLines } from './snapshots.ts'
import type { Restic } from './tool.ts'

interface Putting {
  readonly source: Source
  readonly signal: AbortSignal
}

/**
 * Saves a snapshot, compares its size, and only then marks it as whole. A pipe whose writer was
 * killed ends like any other, and restic saves what came: without the mark that is no file of the
 * store, and the next `put` of the path or `prune` forgets it.
 */
export async function put(restic: Restic, path: string, putting: Putting): Promise<void> {
  const { signal } = putting
  const search = { tag: tagOfPath(path), signal, whenUnlocked: true }
  // First of all, because the source can perhaps be read only once.
  const before = await explaining(
    `Copying ${path} to the restic repository`,
    () => onRepository(restic, signal, () => findSnapshots(restic, search)),
    { isOfWhole: true },
  )
  const { snapshot, bytes } = await save(restic, path, putting)
  const id = await checkSize(restic, snapshot, { path, bytes, signal })
  signal.throwIfAborted()
  // Not stopped half-way: either it is a file of the store then, or not.
  const marking = { signal, asAWhole: true }
  const answer = await restic.runWhenUnlocked(['tag', '--add', tagOfBytes(bytes), id], marking)
  if (!saysOne.test(answer)) await checkMark(restic, path, { putBy: snapshot.tag, bytes })
  await forget(
    restic,
    before.map((old) => old.id),
  )
}

/** restic 0.14 and 0.18; when one says it in other words, the repository is asked. */
const saysOne = /modified (?:tags on )?1 snapshot/u

interface Saved {
  readonly id: string
  /** The tag of this try alone. */
  readonly tag: string
}

async function save(
  restic: Restic,
  path: string,
  { source, signal }: Putting,
): Promise<{ readonly snapshot: Saved; readonly bytes: number }> {
  const { host, tags } = restic.options
  const { inSnapshot, takenAt, kind } = resticNameOf(path)
  const tag = tagOfPut(new Date())
  const allTags = [tagOfPath(path), tag, kind, ...tags]
  const args = [
    'backup',
    '--json',
    `--host=${host}`,
    ...allTags.map((one) => `--tag=${one}`),
    ...(takenAt === null ? [] : [`--time=${resticTime(takenAt)}`]),
  ]
  const first = await peek(source.open(0), signal)
  if (first.isEmpty && (source.bytes ?? 0) === 0) {
    const output = await saveEmptyFile(restic, args, signal)
    return { snapshot: { id: idIn(output, path), tag }, bytes: 0 }
  }
  const child = restic.start([...args, '--stdin', `--stdin-filename=${inSnapshot}`], 'pipe')
  const feeding = { signal, expected: source.bytes, stallMs: restic.stallMs }
  const { bytes, output } = await feed(child, first.all, feeding)
  return { snapshot: { id: idIn(output, path), tag }, bytes }
}

function idIn(output: string, path: string): string {
  const id = jsonLines(output).at(-1)?.['snapshot_id']
  if (typeof id === 'string') return id
  throw new Refusal(`restic did not say which snapshot holds ${path}.`, {
    advice: 'Check that restic is 0.14 or newer.',
  })
}

/** What the repository says itself about the file. @returns the whole id of the snapshot. */
async function checkSize(
  restic: Restic,
  { id }: Saved,
  { path, bytes, signal }: { path: string; bytes: number; signal: AbortSignal },
): Promise<string> {
  const lines = jsonLines(await restic.run(['ls', '--json', '--no-lock', id], { signal }))
  const files = lines.filter(({ type }) => type === 'file')
  // Of a file without a byte it says no size.
  const size = files.length === 1 ? (files[0]?.['size'] ?? 0) : null
  const whole = lines.find((line) => line['struct_type'] === 'snapshot')?.['id']
  if (size === bytes && typeof whole === 'string') return whole
  throw new Refusal(
    `The restic repository keeps ${JSON.stringify(size)} of ${bytes} bytes of ${path}.`,
    {
      reason: 'It reported each of them as saved.',
      advice: 'Run "restic check" on the repository. The next cycle copies the backup again.',
      mayPass: true,
    },
  )
}

/** restic calls it no error when there was nothing to mark. */
async function checkMark(
  restic: Restic,
  path: string,
  { putBy, bytes }: { readonly putBy: string; readonly bytes: number },
): Promise<void> {
  const all = await findSnapshots(restic, { tag: tagOfPath(path) })
  if (all.some((one) => tagOfPut(one.putAt) === putBy && one.bytes === bytes)) return
  throw new Refusal(`${path} is not in the restic repository after all.`, {
    reason: 'Its snapshot was removed while it was being saved.',
    advice: 'See who else removes snapshots of this host; RESTIC_HOST keeps appliances apart.',
    mayPass: true,
  })
}

/** Few enough for the arguments of one program. */
const mostAtOnce = 500

/** Forgets snapshots; their data stays until a prune. */
export async function forget(
  restic: Restic,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    await restic.runWhenUnlocked(['forget', ...ids.slice(at, at + mostAtOnce)], { signal })
  }
}
