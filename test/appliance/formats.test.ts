import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { awkwardObjects, awkwardRows } from '../engines/postgres/awkward-objects.ts'
import { contentOf } from '../engines/postgres/load-setting.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, createRole, quoted, type TestDatabase } from '../support/test-database.ts'
import { listFiles, manifestPathOf, readManifest } from '../support/volume.ts'

const endings = [
  ['custom', '.dump'],
  ['directory', '.dir.tar'],
] as const

/** The only backup of a volume, whatever its ending. */
async function onlyBackup(here: Site): Promise<string> {
  const files = await listFiles(here.root, { catalog: false })
  expect(files).toHaveLength(1)
  return files[0] ?? ''
}

async function scratchOf(here: Site): Promise<readonly string[]> {
  return await readdir(join(here.root, '.catalog/scratch')).catch(() => [])
}

async function databaseWithData(): Promise<TestDatabase> {
  return await createDatabase(sharedPostgres(), undefined, `${awkwardRows};${awkwardObjects}`)
}

describe.each(endings)('FORMAT=%s', (format, ending) => {
  const verification = () => ({
    VERIFICATION_DIR: `/var/tmp/verification-${process.pid}-${format}`,
  })

  test('is backed up, verified and restored as any other', async () => {
    const server = sharedPostgres()
    await using database = await databaseWithData()
    const before = await contentOf(server, database.name)
    await using here = await site([database.spec], { FORMAT: format, ...verification() })

    const backup = await here.run(['-1'])
    const path = await onlyBackup(here)
    const verify = await here.run(['-s', '-v', database.spec])
    await database.psql('DROP TABLE many; UPDATE tree SET parent = NULL')
    const restore = await here.run(['-r', database.spec, '--yes'])

    expect(backup).toMatchObject({ status: 0, stderr: '' })
    expect(path.endsWith(ending)).toBe(true)
    expect(verify.stdout + verify.stderr).toContain('Successfully verified backup')
    expect(verify.status).toBe(0)
    expect(restore.status).toBe(0)
    expect(await contentOf(server, database.name)).toBe(before)
    expect(await scratchOf(here)).toEqual([])
    await rm(verification().VERIFICATION_DIR, { recursive: true, force: true })
  })

  test('keeps the roles in the manifest, because the file has no room for them', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server, { password: 'unmistakable-password' })
    await using database = await createDatabase(server, undefined, 'CREATE TABLE t (i int)')
    await database.psql(`ALTER TABLE t OWNER TO ${quoted(role.user)}`)
    await using here = await site([database.spec], { FORMAT: format })

    await here.run(['-1'])

    const manifest = await readManifest(here.root, await onlyBackup(here))
    expect(manifest).toMatchObject({ format, codec: 'none', rolesIncluded: true })
    expect(manifest.rolesSql).toContain(`CREATE ROLE ${role.user};`)
    expect(manifest.rolesSql).not.toMatch(/PASSWORD|SCRAM/u)
    expect(manifest.fingerprint.tables).toEqual([{ schema: 'public', table: 't', rows: 0 }])
    await database.drop()
  })

  test('is chosen for one database by its options', async () => {
    const server = sharedPostgres()
    await using one = await createDatabase(server, undefined, 'CREATE TABLE t (i int)')
    await using other = await createDatabase(server, undefined, 'CREATE TABLE t (i int)')
    const lines = [one.spec, other.spec, `[${one.spec}]`, `format = ${format}`, 'jobs = 3']
    await using here = await site(lines)

    const { status, stderr } = await here.run(['-1'])

    expect([status, stderr]).toEqual([0, ''])
    const files = await listFiles(here.root, { catalog: false })
    expect(files.filter((file) => file.endsWith(ending))).toHaveLength(1)
    expect(files.filter((file) => file.endsWith('.sql.gz'))).toHaveLength(1)
  })

  test('is refused when it is damaged, with its manifest and without', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t AS SELECT md5(i::text) FROM generate_series(1, 5000) i',
    )
    await using here = await site([database.spec], { FORMAT: format })
    expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })
    const path = await onlyBackup(here)
    const file = join(here.root, path)
    truncateSync(file, Math.floor((await readFile(file)).length * 0.6))

    const known = await here.run(['-r', database.spec, '-f', path, '--yes'])
    await rm(join(here.root, manifestPathOf(path)))
    const unknown = await here.run(['-r', database.spec, '-f', path, '--yes'])

    expect([known.status, unknown.status]).toEqual([1, 1])
    expect(unknown.stderr).toMatch(/damaged|not whole/u)
    expect(await database.psql('SELECT count(*) FROM t')).toBe('5000')
  })

  test('is restored without its manifest, too', async () => {
    const server = sharedPostgres()
    await using database = await databaseWithData()
    const before = await contentOf(server, database.name)
    await using here = await site([database.spec], { FORMAT: format })
    expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })
    const path = await onlyBackup(here)
    await rm(join(here.root, manifestPathOf(path)))
    await database.psql('DROP TABLE many')

    const { status, stderr } = await here.run(['-r', database.spec, '-f', path, '--yes'])

    expect([status, stderr]).toEqual([0, expect.anything()])
    expect(await contentOf(server, database.name)).toBe(before)
  })
})

describe('a directory dump', () => {
  test('leaves nothing of its scratch place when it fails, or was killed before', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t (i int)',
    )
    await using here = await site([database.spec], { FORMAT: 'directory' })
    const leftOver = join(here.root, '.catalog/scratch/dump-left')
    mkdirSync(leftOver, { recursive: true })
    writeFileSync(join(leftOver, 'toc.dat'), 'x')

    expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })
    const afterGood = await scratchOf(here)
    await using fake = await site([database.spec], { FORMAT: 'directory', PATH: '/nowhere' })
    const failed = await fake.run(['-1'], { env: { PATH: withoutTar(here) } })

    expect(afterGood).toEqual([])
    expect(failed.status).toBe(1)
    expect(await scratchOf(fake)).toEqual([])
    expect(await fake.files()).toEqual([])
  })

  test('is a tar of what pg_dump made, without names of this machine', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t (i int)',
    )
    await using here = await site([database.spec], { FORMAT: 'directory' })
    await here.run(['-1'])

    const file = join(here.root, await onlyBackup(here))
    const listing = execFileSync('tar', ['-tvf', file], { encoding: 'utf8' })

    expect(listing).toMatch(/ 0\/0 .* \.\/toc\.dat$/mu)
  })
})

/** A PATH with a tar that fails. */
function withoutTar(here: Site): string {
  const folder = here.folder.join('bin')
  mkdirSync(folder)
  writeFileSync(join(folder, 'tar'), '#!/bin/sh\necho no tar today >&2\nexit 2\n', { mode: 0o755 })
  return `${folder}:${process.env['PATH']}`
}
