/*
 * Puts a backup into the restic repository of its environment: so many MB, and then `forever`
 * nothing, or `whole` the end.
 */

import { openResticStore } from '../../src/stores/index.ts'

const [path = '', environment = '{}', megabytes = '8', end = 'forever'] = process.argv.slice(2)
const store = openResticStore({
  environment: JSON.parse(environment) as Record<string, string>,
  host: 'test',
  tags: [],
})
console.log('begins')
await store.put(path, { bytes: null, open }, new AbortController().signal)
console.log('put')

async function* open(): AsyncGenerator<Buffer> {
  for (let part = 0; part < Number(megabytes); part += 1) yield Buffer.alloc(1_000_000, `${part} `)
  if (end === 'whole') return
  // The pipe takes less, so restic has most of them when the last was taken.
  console.log('waits')
  setInterval(() => {}, 60_000)
  await Promise.withResolvers<void>().promise
}
