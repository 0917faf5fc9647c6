import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../../../model/index.ts'
import { explainingDiskErrors, isCode } from '../../../platform/index.ts'
import { endLeftOver } from './left-over-server.ts'
import { type ServerUser, serverUser } from './server-user.ts'

/** Says that a folder is a scratch folder, so that nothing else is ever removed. */
const markerName = 'THIS-IS-SCRATCH-OF-BACKUP-CONTAINER.json'

/** `sun_path` is 108 bytes with its end; `/.s.PGSQL.5432` and a lock's ending need the rest. */
const longestSocketFolder = 107 - '/.s.PGSQL.5432.lock'.length

interface Marker {
  readonly socketFolder: string
}

/** The private place of one scratch server; gone when disposed of. */
export interface ScratchFolder extends AsyncDisposable {
  readonly path: string
  /** The data directory, which does not exist yet. */
  readonly data: string
  readonly socketFolder: string
  readonly user: ServerUser
  /** Writes a file that only the server's user can read, and returns its path. */
  write(name: string, text: string): Promise<string>
}

/**
 * Makes `<parent>/scratch` anew. What an interrupted verification left there is ended and removed,
 * if its marker says that it is ours. The caller holds the lock of `parent`.
 * @throws {Refusal} when something else has that name, or the volume does not let us.
 */
export async function makeScratchFolder(
  parent: string,
  signal: AbortSignal,
): Promise<ScratchFolder> {
  const path = join(parent, 'scratch')
  return await explainingDiskErrors(`Making room in ${parent}`, async () => {
    await removeLeftOver(path, signal)
    await mkdir(path, 0o700)
    const socketFolder = await socketFolderIn(path)
    const marker: Marker = { socketFolder }
    await writeFile(join(path, markerName), `${JSON.stringify(marker)}\n`)
    const user = await serverUser(path)
    for (const folder of [path, socketFolder]) await giveTo(user, folder)
    await letThrough(user, parent)
    return {
      path,
      data: join(path, 'data'),
      socketFolder,
      user,
      write: (name, text) => writeFor(user, join(path, name), text),
      [Symbol.asyncDispose]: () => removeScratch(path),
    }
  })
}

/** Ends what still runs in a left-over and removes it. */
async function removeLeftOver(path: string, signal: AbortSignal): Promise<void> {
  const entry = await lstat(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null
    throw error
  })
  if (entry === null) return
  if (!entry.isDirectory() || !(await isOurs(path))) throw notOurs(path)
  await endLeftOver(join(path, 'data'), signal)
  await removeScratch(path)
}

/** An empty one was just being made, or removed, when that was interrupted. */
async function isOurs(path: string): Promise<boolean> {
  return (await readMarker(path)) !== null || (await readdir(path)).length === 0
}

/** The marker goes last: a removal that is interrupted must be recognised by the next one. */
async function removeScratch(path: string): Promise<void> {
  const marker = await readMarker(path)
  const socketFolder = marker?.socketFolder ?? path
  if (!socketFolder.startsWith(path)) await rm(socketFolder, { recursive: true, force: true })
  for (const name of await namesIn(path)) {
    if (name !== markerName) await removeHard(join(path, name))
  }
  await removeHard(path)
}

async function namesIn(path: string): Promise<readonly string[]> {
  return readdir(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return []
    throw error
  })
}

/** A server that is just ending may still remove or make files in its folder. */
async function removeHard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

async function readMarker(path: string): Promise<Marker | null> {
  try {
    const marker = JSON.parse(await readFile(join(path, markerName), 'utf8')) as Partial<Marker>
    const { socketFolder = '' } = marker
    return isSocketFolder(socketFolder, path) ? { socketFolder } : { socketFolder: path }
  } catch (error) {
    // Written halfway, on a full disk: its name alone says that the folder is ours.
    if (error instanceof SyntaxError) return { socketFolder: path }
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

const temporaryName = 'bcs-'

/** Nothing but what we make ourselves is removed on the word of a file. */
function isSocketFolder(folder: string, path: string): boolean {
  return folder === join(path, 'sockets') || folder.startsWith(join(tmpdir(), temporaryName))
}

async function socketFolderIn(path: string): Promise<string> {
  const inside = join(path, 'sockets')
  if (Buffer.byteLength(inside) > longestSocketFolder) {
    return await mkdtemp(join(tmpdir(), temporaryName))
  }
  await mkdir(inside, 0o700)
  return inside
}

async function giveTo({ identity }: ServerUser, path: string): Promise<void> {
  if (identity !== undefined) await chown(path, identity.uid, identity.gid)
}

/** As root only: the server's user must be able to pass through our own folder. */
async function letThrough({ identity }: ServerUser, parent: string): Promise<void> {
  if (identity !== undefined) await chmod(parent, 0o711)
}

async function writeFor(user: ServerUser, path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600 })
  await giveTo(user, path)
  return path
}

function notOurs(path: string): Refusal {
  return new Refusal(`${path} is in the way of a verification.`, {
    reason: 'It is no left-over of a verification, so it was not touched.',
    advice: 'Move it away, or point VERIFICATION_DIR to a folder of its own.',
  })
}

/** A password that nobody needs to know: roles of a scratch server have no other way in. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url')
}
