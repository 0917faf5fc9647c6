import { expect, test } from 'vitest'
import { allEnded } from '../../src/model/index.ts'

test('all that they come to, in their order', async () => {
  expect(await allEnded([Promise.resolve(1), 'two', Promise.resolve([3])])).toEqual([1, 'two', [3]])
})

test('a failure is heard when the others have ended, too', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const log: string[] = []
  const slow = promise.then(() => log.push('the slow one has ended'))
  const failing = allEnded([Promise.reject(new Error('It failed.')), slow]).catch(
    ({ message }: Error) => log.push(message),
  )
  for (let tick = 0; tick < 20; tick += 1) await Promise.resolve()
  resolve()
  await failing
  expect(log).toEqual(['the slow one has ended', 'It failed.'])
})
