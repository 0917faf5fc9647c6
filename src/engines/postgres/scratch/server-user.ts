import { readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../../../model/index.ts'
import { findProgram } from '../../../platform/index.ts'

/** Who runs the scratch server. */
export interface ServerUser {
  /** Somebody else, because PostgreSQL refuses root; undefined: this process's own user. */
  readonly identity: { readonly uid: number; readonly gid: number } | undefined
  /** What makes a user without a passwd entry known to `initdb` (libnss-wrapper). */
  readonly environment: Readonly<Record<string, string>>
}

/** Where distributions put the library. */
const libraryFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib/powerpc64le-linux-gnu',
  '/usr/lib/s390x-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
] as const

/** Users that a machine has for work without rights, in this order. */
const unprivileged = ['postgres', 'nobody'] as const

/**
 * As root (in development) an unprivileged user; else our own, and if that is an arbitrary UID
 * without a name, one from files that are written into `folder`.
 */
export async function serverUser(folder: string): Promise<ServerUser> {
  if (process.getuid?.() === 0) return { identity: await unprivilegedUser(), environment: {} }
  if (hasName()) return { identity: undefined, environment: {} }
  return { identity: undefined, environment: await giveName(folder) }
}

async function unprivilegedUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of unprivileged) {
    const [, , uid, gid] = users.find(([user]) => user === name) ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Refusal('There is no user who could run the scratch server.', {
    reason: 'This runs as root, which PostgreSQL refuses, and neither postgres nor nobody exist.',
    advice: 'Run it as another user, or create the user postgres.',
  })
}

function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

async function giveName(folder: string): Promise<Readonly<Record<string, string>>> {
  const library = await findLibrary()
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const passwd = join(folder, 'passwd')
  const group = join(folder, 'group')
  await writeFile(passwd, `scratch:x:${uid}:${gid}:scratch:${folder}:/bin/false\n`)
  await writeFile(group, `scratch:x:${gid}:\n`)
  return { LD_PRELOAD: library, NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: group }
}

async function findLibrary(): Promise<string> {
  const library = await findProgram('libnss_wrapper.so', libraryFolders, { executable: false })
  if (library !== null) return library
  throw new Refusal('The user of this container has no name, which initdb needs.', {
    reason: `UID ${process.getuid?.()} is not in /etc/passwd, and libnss_wrapper.so is not here.`,
    advice: 'Use an image with libnss-wrapper, or one that adds a passwd entry for its user.',
  })
}
