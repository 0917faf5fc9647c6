import { expect, test } from 'vitest'
import { Users } from '../../src/operations/users.ts'

/** Things that write down when they are made and when their slow disposal is over. */
function diary() {
  const log: string[] = []
  const make = (name: string) => async (): Promise<AsyncDisposable> => {
    log.push(`made ${name}`)
    return {
      async [Symbol.asyncDispose]() {
        for (let tick = 0; tick < 20; tick += 1) await Promise.resolve()
        log.push(`gone ${name}`)
      },
    }
  }
  return { log, make, users: new Users(make('place')) }
}

test('what several use is made once and goes with the last of them, then their place', async () => {
  const { log, make, users } = diary()
  const one = await users.use('a', make('a'))
  const two = await users.use('a', make('a'))
  const three = await users.use('b', make('b'))
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
  await three[Symbol.asyncDispose]()
  expect(log).toEqual(['made place', 'made a', 'made b', 'gone a', 'gone b', 'gone place'])
})

test('who comes while the last one leaves waits until all of it is gone', async () => {
  const { log, make, users } = diary()
  const one = await users.use('a', make('a'))
  const [, two] = await Promise.all([one[Symbol.asyncDispose](), users.use('a', make('a'))])
  const first = ['made place', 'made a', 'gone a', 'gone place']
  expect(log).toEqual([...first, 'made place', 'made a'])
  await two[Symbol.asyncDispose]()
  expect(log).toEqual([...first, ...first])
})

test('the same thing is not made again while it is being disposed of', async () => {
  const { log, make, users } = diary()
  await using _other = await users.use('b', make('b'))
  const one = await users.use('a', make('a'))
  await Promise.all([one[Symbol.asyncDispose](), users.use('a', make('a'))])
  expect(log.slice(2)).toEqual(['made a', 'gone a', 'made a'])
})

test('what could not be made is tried again by the next', async () => {
  const { log, make, users } = diary()
  const failing = () => Promise.reject(new Error('No room.'))
  await expect(users.use('a', failing)).rejects.toThrow('No room.')
  await using _one = await users.use('a', make('a'))
  expect(log).toEqual(['made place', 'gone place', 'made place', 'made a'])
})
