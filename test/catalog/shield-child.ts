/* Shields `x` in the catalog folder of its argument, says so, and waits for its end. */
import { Shields } from '../../src/catalog/shields.ts'

const [folder = ''] = process.argv.slice(2)
const modes = { file: 0o600, folder: 0o700 }
await using _shield = await new Shields(folder, { modes, clock: { now: () => new Date() } }).hold(
  'x',
)
console.log('held')
for await (const _ of process.stdin) continue
