import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attribute } from '../../src/catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  coreNameOf,
  type DatabaseSpec,
  identityOf,
} from '../../src/model/index.ts'
import { count } from '../support/counts.ts'
import { sampleBackup } from '../support/sample-backup.ts'
import { fakeManifest } from '../support/volume.ts'

describe('a backup with a manifest', () => {
  test('belongs to the database that the manifest names', () => {
    const [app, other] = [database('h', 'app'), database('h', 'app', 5433)]
    const backup = sealed(other, 1)

    const { of, foreign } = attribute([backup], [app, other])

    expect(of.get(app)).toEqual([])
    expect(of.get(other)).toEqual([backup])
    expect(foreign).toEqual([])
  })

  test('is foreign when that database is not configured, even if its core name is', () => {
    const backup = sealed(database('h', 'app', 5433), 1)

    expect(attribute([backup], [database('h', 'app')]).foreign).toEqual([backup])
  })

  test('belongs to its database whatever core name the file has', () => {
    const renamed = { ...database('h', 'app'), core: 'new-name' }
    const backup = sealed(database('h', 'app'), 1)

    expect(attribute([backup], [renamed]).of.get(renamed)).toEqual([backup])
  })
})

describe('a backup without a manifest', () => {
  test('belongs to the only database with its core name', () => {
    const [app, other] = [database('h', 'app'), database('h', 'other')]
    const backup = adopted('h-app', 1)

    const { of, foreign } = attribute([backup], [app, other])

    expect(of.get(app)).toEqual([backup])
    expect(foreign).toEqual([])
  })

  test('D-05: never belongs to a database whose name is only a part of its own', () => {
    const app = database('h', 'app')
    const backups = ['h-app_test', 'xh-app', 'h-app.old', 'H-app', 'h-ap'].map((core) =>
      adopted(core, 1),
    )

    const { of, foreign } = attribute(backups, [app])

    expect(of.get(app)).toEqual([])
    expect(foreign).toHaveLength(backups.length)
  })

  test.each([
    ['two ports of one host', database('h', 'app'), database('h', 'app', 5433)],
    ['two ways to split one name', database('h-a', 'b'), database('h', 'a-b')],
  ])('D-05: is foreign when two databases share its core name: %s', (_, one, two) => {
    const backup = adopted(one.core, 1)

    const { of, foreign } = attribute([backup, sealed(one, 2)], [one, two])

    expect(foreign).toEqual([backup])
    expect(of.get(one)).toHaveLength(1)
    expect(of.get(two)).toHaveLength(0)
  })
})

test('a database that is configured twice is one', () => {
  const [first, second] = [database('h', 'app'), database('H', 'app')]
  const backups = [adopted('h-app', 2), sealed(first, 1)]

  const { of, foreign } = attribute(backups, [first, { ...second, core: 'h-app' }])

  expect([...of.values()]).toEqual([backups, backups])
  expect(foreign).toEqual([])
})

test('lists are newest first', () => {
  const app = database('h', 'app')
  const [one, two, three] = [adopted('h-app', 1), sealed(app, 2), adopted('h-app', 3)]
  const strangers = [adopted('x', 1), adopted('x', 2)]

  const { of, foreign } = attribute([two, strangers[0]!, one, three, strangers[1]!], [app])

  expect(of.get(app)).toEqual([three, two, one])
  expect(foreign).toEqual(strangers.toReversed())
})

describe('whatever lies on the volume', () => {
  const names = fc.constantFrom('app', 'app_test', 'a-b', 'b', 'app.old')
  const databases = fc.uniqueArray(
    fc
      .tuple(fc.constantFrom('h', 'h-a', 'hh'), names, fc.constantFrom(5432, 5433))
      .map(([host, name, port]) => database(host, name, port)),
    { selector: ({ spec }) => identityOf(spec), minLength: 1, maxLength: 6 },
  )
  const backupsOf = (configured: readonly ConfiguredDatabase[], days: number): Backup[] =>
    configured.flatMap((one) => [sealed(one, days), adopted(one.core, days + 1)])

  test('every backup belongs to exactly one database or to none', () => {
    fc.assert(
      fc.property(databases, databases, (configured, present) => {
        const backups = backupsOf(present, 1)

        const { of, foreign } = attribute(backups, configured)

        const listed = [...of.values(), foreign].flat()
        expect(listed).toHaveLength(backups.length)
        expect(new Set(listed)).toEqual(new Set(backups))
      }),
      { numRuns: count(300, 10_000) },
    )
  })

  test('D-05: the backups of other databases change nothing for a configured one', () => {
    fc.assert(
      fc.property(databases, databases, (configured, others) => {
        const own = backupsOf(configured, 1)
        const cores = new Set(configured.map(({ core }) => core))
        const identities = new Set(configured.map(({ spec }) => identityOf(spec)))
        const strangers = others
          .filter(({ core, spec }) => !cores.has(core) && !identities.has(identityOf(spec)))
          .flatMap((one) => backupsOf([one], 3))

        const alone = attribute(own, configured)
        const together = attribute([...strangers, ...own], configured)

        expect(together.of).toEqual(alone.of)
      }),
      { numRuns: count(300, 10_000) },
    )
  })
})

function database(host: string, name: string, port = 5432): ConfiguredDatabase {
  const spec: DatabaseSpec = {
    engine: 'postgres',
    host,
    port,
    database: name,
    written: `${host}:${port}/${name}`,
  }
  const credentials = { user: null, password: null }
  return { spec, core: coreNameOf(spec), credentials, options: {} }
}

function sealed({ spec, core }: ConfiguredDatabase, day: number): Backup {
  const at = new Date(2026, 10, day, 1)
  const backup = sampleBackup({ at, core })
  const manifest = fakeManifest(backup.path, at, Buffer.alloc(10))
  return { ...backup, manifest: { ...manifest, spec: identityOf(spec) } }
}

function adopted(core: string, day: number): Backup {
  return sampleBackup({ at: new Date(2026, 10, day, 1), core, quality: 'unchecked' })
}
