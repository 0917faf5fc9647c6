import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  coreNameOf,
  type DatabaseSpec,
  engineNames,
  identityOf,
  sameDatabase,
} from '../../src/model/index.ts'

const app: DatabaseSpec = {
  engine: 'postgres',
  host: 'db',
  port: 5432,
  database: 'app',
  written: 'db/app',
}

describe('the identity of a database', () => {
  test('is its spec in full, with an IPv6 address in brackets', () => {
    expect(identityOf(app)).toBe('postgres=db:5432/app')
    expect(identityOf({ ...app, host: '::1' })).toBe('postgres=[::1]:5432/app')
  })

  test('does not depend on how it was written, nor on the letters of the host', () => {
    expect(sameDatabase(app, { ...app, host: 'DB', written: 'postgres=DB:5432/app' })).toBe(true)
  })

  test.each<[string, Partial<DatabaseSpec>]>([
    ['engine', { engine: 'mariadb' }],
    ['host', { host: 'db2' }],
    ['port', { port: 5433 }],
    ['name', { database: 'App' }],
  ])('differs with the %s', (_what, change) => {
    expect(sameDatabase(app, { ...app, ...change })).toBe(false)
  })

  test('is the same for no two different databases', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'ab/:=[]%?# ü'.split('')) })
    const hosts = fc.string({ unit: fc.constantFrom(...'ab.-'.split('')), minLength: 1 })
    const specs = fc.record({
      engine: fc.constantFrom(...engineNames),
      host: hosts,
      port: fc.integer({ min: 1, max: 3 }),
      database: texts,
      written: fc.constant(''),
    })

    fc.assert(
      fc.property(specs, specs, (left, right) => {
        const parts = ({ engine, host, port, database }: DatabaseSpec) =>
          JSON.stringify([engine, host, port, database])

        expect(sameDatabase(left, right)).toBe(parts(left) === parts(right))
      }),
    )
  })
})

describe('the core name', () => {
  test.each([
    ['wallet-db', 'tob_holder', 'wallet-db-tob_holder'],
    ['pg.example.org', 'app', 'pg.example.org-app'],
    ['::1', 'app', '%3A%3A1-app'],
    ['db', 'my app', 'db-my%20app'],
    ['db', '../../etc', 'db-..%2F..%2Fetc'],
    ['db', 'Größe', 'db-Gr%C3%B6%C3%9Fe'],
    ['db', "a!'()*~b", 'db-a%21%27%28%29%2A%7Eb'],
    ['db', '100%', 'db-100%25'],
  ])('of %s and %s is %s', (host, database, core) => {
    expect(coreNameOf({ host, database })).toBe(core)
  })

  test('holds only characters that are safe in a file name, and gives the name back', () => {
    const names = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())

    fc.assert(
      fc.property(names, (database) => {
        const core = coreNameOf({ host: 'db', database })

        expect(core).toMatch(/^[\w.%-]+$/u)
        expect(decodeURIComponent(core)).toBe(`db-${database}`)
      }),
    )
  })
})
