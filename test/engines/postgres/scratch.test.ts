import { describe, expect, test } from 'vitest'
import { clientWarning } from '../../../src/engines/postgres/scratch/client-warning.ts'
import { splitName } from '../../../src/engines/postgres/scratch/restored-facts.ts'
import {
  fittingServer,
  serversHere,
} from '../../../src/engines/postgres/scratch/server-programs.ts'
import { loadSettings } from '../../../src/engines/postgres/scratch/settings.ts'
import { contextWith } from '../../support/engine.ts'
import { binDirOfMajor } from '../../support/other-majors.ts'

const GiB = 1024 ** 3

describe('the server for a dump', () => {
  const servers = [14, 15, 17].map((major) => ({
    folder: `/${major}`,
    major,
    version: `${major}.1`,
  }))

  test.each([
    [{ serverMajor: 13, toolMajor: 13 }, 14],
    [{ serverMajor: 15, toolMajor: 15 }, 15],
    [{ serverMajor: 16, toolMajor: 16 }, 17],
    // pg_dump 17 writes settings that older servers do not know.
    [{ serverMajor: 14, toolMajor: 17 }, 17],
    [{ serverMajor: 15, toolMajor: 18 }, 15],
    [{ serverMajor: 18, toolMajor: 18 }, null],
  ])('of %o is the lowest that is not older: %s', (dump, major) => {
    expect(fittingServer(servers, dump)?.major ?? null).toBe(major)
  })

  test('is found where PG_BIN_DIR points, with or without client programs', async () => {
    const found = await serversHere(contextWith({ binDir: await binDirOfMajor(17) }))

    expect(found.map(({ major }) => major)).toEqual([17])
  })
})

describe('the warning about the client', () => {
  test.each([
    ['15.18 (Debian 15.18-0+deb12u1)', true],
    ['15.19', false],
    ['14.23', true],
    ['14.24', false],
    ['16.14', true],
    ['17.11', false],
    ['18.5', true],
    ['18.6', false],
    ['13.30', true],
    ['19.0', false],
  ])('of %s is given: %s', (version, given) => {
    expect(clientWarning(version) !== null).toBe(given)
  })
})

describe('a name as SQL writes it', () => {
  test.each([
    ['public.t', 'public', 't'],
    ['"Mixed case"."a.b ""c"""', 'Mixed case', 'a.b "c"'],
    ['public."é"', 'public', 'é'],
  ])('%s is split into its two names', (written, schema, table) => {
    expect(splitName(written)).toEqual({ schema, table })
  })
})

describe('the settings of a scratch server', () => {
  test('take a fixed share of memory, and never much of a small volume', () => {
    const small = loadSettings('/s', { memory: GiB / 2, freeDisk: GiB })
    const large = loadSettings('/s', { memory: 64 * GiB, freeDisk: 1000 * GiB })

    expect(small).toContain("max_wal_size = '128MB'")
    expect(small).toContain("shared_buffers = '64MB'")
    expect(large).toContain("max_wal_size = '4096MB'")
    expect(large).toContain("shared_buffers = '512MB'")
    expect(large).toContain("listen_addresses = ''")
  })
})
