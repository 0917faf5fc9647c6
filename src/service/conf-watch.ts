import { readFile } from 'node:fs/promises'
import { isCode, pauseUnless } from '../platform/index.ts'

/** How often the file is read. Notices of the file system do not reach through every mount. */
const everyMs = 2_000

interface Watch {
  readonly path: string
  readonly signal: AbortSignal
  readonly onChange: () => Promise<void>
}

/**
 * Calls `onChange` whenever the file has another content than before, or is gone or back, however
 * that came about: edited in place, renamed over, or behind links that were swapped (a ConfigMap
 * mount). A content counts when two looks agree, so that a file that is being written is left
 * alone until it is whole. Settles when `signal` aborts.
 */
export async function watchConf({ path, signal, onChange }: Watch): Promise<void> {
  let known = await contentOf(path)
  let before = known
  while (await pause(signal)) {
    const now = await contentOf(path)
    if (now !== known && now === before) {
      known = now
      await onChange()
    }
    before = now
  }
}

async function pause(signal: AbortSignal): Promise<boolean> {
  await pauseUnless(signal, everyMs).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return !signal.aborted
}

/** The text, or why there is none: that changes, too. */
async function contentOf(path: string): Promise<string> {
  try {
    return `text ${await readFile(path, 'latin1')}`
  } catch (error) {
    if (
      !isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'EIO', 'ESTALE')
    ) {
      throw error
    }
    return `none ${String((error as NodeJS.ErrnoException).code)}`
  }
}
