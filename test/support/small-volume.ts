import { execFileSync } from 'node:child_process'
import { type TemporaryFolder, temporaryFolder } from './volume.ts'

/** Only root can mount; without it, tests that fill a volume are skipped, and say so. */
export const cannotMount = process.getuid?.() !== 0
export const cannotMountNote = cannotMount ? ' (skipped: mounting a small volume needs root)' : ''

/** A file system of its own with so many KiB, which is easily filled. */
export function smallVolume(kib: number): TemporaryFolder {
  const folder = temporaryFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k,mode=0700`, 'tmpfs', folder.path])
  return {
    ...folder,
    async [Symbol.asyncDispose](): Promise<void> {
      execFileSync('umount', ['--lazy', folder.path])
      await folder[Symbol.asyncDispose]()
    },
  }
}
