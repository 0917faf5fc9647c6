import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { newRunFolder, runFolder } from './run-folder.ts'

const require = createRequire(import.meta.url)

/** Majors that npm packages bring as servers only: one older and one newer than Debian's. */
const packages = {
  14: () => require.resolve('postgres-14'),
  17: () => require.resolve('postgres-17'),
} as const

export const otherMajors = [14, 17] as const

/**
 * The `binDir` for `startPostgres` of a major that Debian does not have. The package is copied,
 * since a server's user may not be able to read where the project lies, and since npm packages
 * hold no symbolic links, which are made here.
 */
export async function binDirOfMajor(major: (typeof otherMajors)[number]): Promise<string> {
  const prepared = join(runFolder(), `server-${major}`)
  const binDir = join(prepared, 'bin')
  if (existsSync(prepared)) return binDir
  const native = join(dirname(packages[major]()), '../native')
  const copy = join(newRunFolder(`server-${major}`), 'native')
  await mkdir(copy)
  for (const part of ['bin', 'lib', 'share']) {
    await cp(join(native, part), join(copy, part), { recursive: true, verbatimSymlinks: true })
  }
  await makeLinks(native, copy)
  await rename(copy, prepared).catch((error: unknown) => {
    // Another test file was quicker; its copy is as good.
    if (!existsSync(prepared)) throw error
  })
  return binDir
}

async function makeLinks(native: string, copy: string): Promise<void> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string
    readonly target: string
  }[]
  for (const { source, target } of links) {
    const link = join(dirname(copy), target)
    if (!existsSync(link)) await symlink(basename(source), link)
  }
}
