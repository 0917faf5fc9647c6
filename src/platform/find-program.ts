import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

/** The absolute path of a program (or a library: not executable) in one of `folders`, or null. */
export async function findProgram(
  name: string,
  folders: readonly string[],
  { executable = true } = {},
): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, name)
    if (await isThere(path, executable ? constants.X_OK : constants.R_OK)) return path
  }
  return null
}

/** The folders of a PATH variable; an empty entry would mean the current folder and is left out. */
export function foldersOf(path: string | undefined): readonly string[] {
  return (path ?? '/usr/local/bin:/usr/bin:/bin').split(':').filter((folder) => folder !== '')
}

async function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
