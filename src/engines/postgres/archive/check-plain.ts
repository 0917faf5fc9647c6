import type { Manifest } from '../../../model/index.ts'
import { type ArchiveScan, ArchiveScanner } from './archive-scanner.ts'
import { checkSum } from './check-sum.ts'
import type { ArchiveQuestion, CheckedArchive } from './checked-archive.ts'
import { decompressQuickly, decompressStrictly, readerOf } from './decompress.ts'
import { plainSql } from './plain-sql.ts'
import { refusing } from './refusing.ts'

/** Checks a dump in plain SQL, of any of the shapes of contract 4.6. */
export async function checkPlain(path: string, question: ArchiveQuestion): Promise<CheckedArchive> {
  const { codec, manifest, environment } = question
  const found = await refusing(path, () => scanWhole(path, question))
  const { bytes, isDumpTar } = found
  const ranges = isDumpTar ? [{ from: 0, to: bytes }] : found.sqlRanges
  const source = { path, codec, ranges, bytes, environment }
  return {
    path,
    format: isDumpTar ? 'tar' : 'plain',
    codec,
    manifest,
    rolesSql: found.rolesSql,
    warnings:
      manifest === null ? ['it has no manifest: nobody knows what was in the database'] : [],
    openSql: (signal) => plainSql(source, signal),
    blocks: found.blocks,
    withoutBlocks: found.withoutBlocks,
    reader: await readerOf(path, codec, environment),
    sqlBytes: ranges.reduce((sum, { from, to }) => sum + to - from, 0),
    serverMajor: found.serverMajor,
    roles: rolesOf(found, manifest),
    encoding: found.encoding,
    psqlCommands: found.psqlCommands,
    tablespaces: found.tablespaces,
    roleStatements: found.roleStatements,
    serverStatements: found.serverStatements,
    databasesSet: found.databasesSet,
    owners: found.owners,
    extensions: found.extensions,
    extensionComments: found.extensionComments,
  }
}

/** With a manifest the checksum vouches for every member, so that a fast program may read them. */
async function scanWhole(path: string, question: ArchiveQuestion): Promise<ArchiveScan> {
  const { codec, manifest, environment } = question
  if (manifest === null)
    return await scan(decompressStrictly(path, codec, question.signal), question)
  const failed = new AbortController()
  const signal = AbortSignal.any([question.signal, failed.signal])
  const sum = checkSum(path, manifest, signal)
  const scanning = scan(decompressQuickly(path, codec, { signal, environment }), question)
  const [summed, scanned] = await Promise.allSettled([
    sum.catch((error: unknown) => {
      failed.abort()
      throw error
    }),
    scanning,
  ])
  question.signal.throwIfAborted()
  // A wrong checksum is the better explanation for whatever the scan has found.
  if (summed.status === 'rejected') throw summed.reason
  if (scanned.status === 'rejected') throw scanned.reason
  return scanned.value
}

async function scan(
  plain: AsyncIterable<Buffer>,
  { leastBlock }: ArchiveQuestion,
): Promise<ArchiveScan> {
  const scanner = new ArchiveScanner(leastBlock)
  for await (const chunk of plain) scanner.push(chunk)
  return scanner.end()
}

function rolesOf({ roles }: ArchiveScan, manifest: Manifest | null): readonly string[] {
  const database = manifest?.database
  const ofDatabase = database === undefined ? [] : [database.owner]
  return [...new Set([...roles, ...(manifest?.roles ?? []), ...ofDatabase])].toSorted()
}
