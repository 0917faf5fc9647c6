import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const note = 'made-by-scripts-demo'

/** An empty `demo/`. One that this script did not make is left alone. */
export function freshDemoFolder(folder: string): void {
  if (existsSync(folder) && !existsSync(join(folder, note))) {
    console.error(`${folder} is not from an earlier demo; move it away first.`)
    process.exit(1)
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  writeFileSync(join(folder, note), 'scripts/demo removes this folder when it runs again.\n')
}
