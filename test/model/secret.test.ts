import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/model/index.ts'

const value = 'unmistakable-4711'
const secret = new Secret(value)

describe('a secret', () => {
  test('is known to who asks for it by name', () => {
    expect(secret.reveal()).toBe(value)
  })

  test.each<[string, () => string]>([
    ['a template', () => `password=${String(secret)}`],
    ['a concatenation', () => ['password: ', secret].join('')],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['util.inspect', () => inspect({ secret }, { depth: 9, showHidden: true, getters: true })],
    ['util.format', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error', () => inspect(new Error('refused', { cause: { secret } }), { showHidden: true })],
    ['its keys', () => JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
    ['a clone', () => inspect(structuredClone(secret), { showHidden: true })],
  ])('does not show itself in %s', (_where, show) => {
    expect(show()).not.toContain(value)
  })

  test('says that there is something', () => {
    expect(String(secret)).toBe('***')
    expect(JSON.stringify({ secret })).toBe('{"secret":"***"}')
    expect(inspect(secret)).toBe('***')
  })
})
