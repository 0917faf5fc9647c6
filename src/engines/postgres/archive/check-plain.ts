import type { Manifest } from '../../../model/index.ts'
import { ArchiveScanner } from './archive-scanner.ts'
import { checkSum } from './check-sum.ts'
import type { ArchiveQuestion, CheckedArchive } from './checked-archive.ts'
import { decompressQuickly, decompressStrictly } from './decompress.ts'
import type { ScanResult } from './dump-scanner.ts'
import { plainSql } from './plain-sql.ts'
import { refusing } from './refusing.ts'

/** Checks a dump in plain SQL, of any of the shapes of contract 4.6. */
export async function checkPlain(path: string, question: ArchiveQuestion): Promise<CheckedArchive> {
  const { codec, manifest, environment } = question
  const found = await refusing(path, () => scanWhole(path, question))
  const source = { path, codec, ranges: found.sqlRanges, bytes: found.bytes, environment }
  return {
    path,
    format: 'plain',
    codec,
    manifest,
    rolesSql: found.rolesSql,
    warnings:
      manifest === null ? ['it has no manifest: nobody knows what was in the database'] : [],
    openSql: (signal) => plainSql(source, signal),
    sqlBytes: found.sqlRanges.reduce((sum, { from, to }) => sum + to - from, 0),
    serverMajor: found.serverMajor,
    roles: rolesOf(found, manifest),
    encoding: found.encoding,
    psqlCommands: found.psqlCommands,
  }
}

/** With a manifest the checksum vouches for every member, so that a fast program may read them. */
async function scanWhole(path: string, question: ArchiveQuestion): Promise<ScanResult> {
  const { codec, manifest, environment } = question
  if (manifest === null) return await scan(decompressStrictly(path, codec, question.signal))
  const failed = new AbortController()
  const signal = AbortSignal.any([question.signal, failed.signal])
  const sum = checkSum(path, manifest, signal)
  const scanning = scan(decompressQuickly(path, codec, { signal, environment }))
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

async function scan(plain: AsyncIterable<Buffer>): Promise<ScanResult> {
  const scanner = new ArchiveScanner()
  for await (const chunk of plain) scanner.push(chunk)
  return scanner.end()
}

function rolesOf({ roles }: ScanResult, manifest: Manifest | null): readonly string[] {
  const database = manifest?.database
  const ofDatabase = database === undefined ? [] : [database.owner]
  return [...new Set([...roles, ...(manifest?.roles ?? []), ...ofDatabase])].toSorted()
}
