/* Preloaded: a process on a volume that has no hard links, as some network file systems. */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

fs.link = async () => {
  throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })
}
syncBuiltinESMExports()
