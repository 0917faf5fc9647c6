import type { ArchiveQuestion, CheckedArchive } from './archive.ts'
import { checkSum } from './check-sum.ts'
import { Damage } from './damage.ts'
import { refusing } from './refusing.ts'

/** Checks an archive in a format of pg_dump's own (`custom`, `directory`), which pg_restore reads. */
export async function checkStored(
  path: string,
  question: ArchiveQuestion,
): Promise<CheckedArchive> {
  const { codec, format, manifest, signal } = question
  await refusing(path, async () => {
    if (manifest === null) throw new Damage('it has no manifest, which this format needs')
    await checkSum(path, manifest, signal)
  })
  return {
    path,
    format,
    codec,
    manifest,
    rolesSql: '',
    warnings: [],
    openSql: () => {
      throw new TypeError(`An archive in ${format} format is no SQL.`)
    },
    sqlBytes: null,
    serverMajor: Number.parseInt(manifest?.serverVersion ?? '', 10) || null,
    roles: manifest?.roles ?? [],
    encoding: manifest?.database.encoding ?? null,
    psqlCommands: [],
  }
}
