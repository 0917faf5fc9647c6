/* Puts a backup whose end never comes into the restic repository of its environment. */

import { openResticStore } from '../../src/stores/index.ts'

const [path = '', environment = '{}'] = process.argv.slice(2)
const store = openResticStore({
  environment: JSON.parse(environment) as Record<string, string>,
  host: 'test',
  tags: [],
})
await store.put(path, { bytes: null, open: endless }, new AbortController().signal)

async function* endless(): AsyncGenerator<Buffer> {
  for (let part = 0; part < 8; part += 1) yield Buffer.alloc(1_000_000, String(part))
  // The pipe takes less, so restic has most of them when the last was taken.
  console.log('half')
  setInterval(() => {}, 60_000)
  await Promise.withResolvers<void>().promise
}
