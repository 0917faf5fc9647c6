/* Shields `x` in the catalog of the volume of its argument, says so, and waits for its end. */
import { openCatalog } from '../../src/catalog/index.ts'

const [root = ''] = process.argv.slice(2)
const modes = { file: 0o600, folder: 0o700 }
const { shields } = openCatalog(root, { modes, clock: { now: () => new Date() } })
await using _shield = await shields.hold('x')
console.log('held')
for await (const _ of process.stdin) continue
