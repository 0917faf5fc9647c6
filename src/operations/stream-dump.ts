import { Readable } from 'node:stream'
import type { Engine, PreparedDump } from '../engines/index.ts'
import {
  type Codec,
  type ConfiguredDatabase,
  type EncryptionKeys,
  type Fingerprint,
  type Format,
  type OpenBackup,
  Refusal,
  type WrittenBackup,
} from '../model/index.ts'
import {
  type Command,
  type Compressor,
  compressMember,
  encrypted,
  findCompressor,
  runPipeline,
} from '../platform/index.ts'
import type { Appliance } from './appliance.ts'
import { fillFolder } from './fill-folder.ts'
import { readBackBytes } from './read-back-written.ts'
import { SmallCopy } from './small-copy.ts'
import { progressTeller } from './tell-progress.ts'

interface Stream {
  readonly database: ConfiguredDatabase
  readonly engine: Engine
  readonly dump: PreparedDump
  readonly format: Format
  readonly open: OpenBackup
  /** To whom the file is encrypted; null: to nobody. */
  readonly encryption: EncryptionKeys | null
  /** Compressed bytes of the last good backup, for an estimate. */
  readonly expectedBytes: number | null
}

interface Streamed {
  readonly written: WrittenBackup
  readonly fingerprint: Fingerprint
  /** What was encrypted, when that is little; null: it was much, or it was not encrypted. */
  readonly clear: Buffer | null
}

/**
 * Runs dump and compressor as one pipe into the open backup, the preamble before it as a member of
 * its own, and counts the rows in the dump's snapshot meanwhile.
 * @throws {Refusal} when any stage failed, the stream stalled, or the volume refused the bytes.
 */
export async function streamDump(appliance: Appliance, stream: Stream): Promise<Streamed> {
  const { configuration, signal, tell } = appliance
  const { dump, engine, database, expectedBytes } = stream
  const stallMs = configuration.settings.stallTimeout.seconds * 1000
  using progress = progressTeller((bytes) =>
    tell({ kind: 'backup-grew', database, bytes, expectedBytes }),
  )
  const onBytes = (bytes: number): void => progress.heard(bytes, expectedBytes)
  const copy = new SmallCopy(readBackBytes)
  const counting: { promise?: Promise<Fingerprint> } = {}
  const onFirst = (): void => {
    if (counting.promise !== undefined) return
    counting.promise = dump.fingerprint()
    // It is heard when the dump has succeeded; until then the dump's own failure is the one to tell.
    counting.promise.catch(() => undefined)
  }
  try {
    const { stages, finish, label } = await storing(appliance, stream)
    if (dump.filling !== null) {
      const onGrowth = (bytes: number): void => {
        onFirst()
        onBytes(bytes)
      }
      await fillFolder(dump.filling, { signal, stallMs, onBytes: onGrowth })
    }
    const written = await runPipeline(
      stages,
      async (output) => {
        const bytes = sealing(appliance, stream, copy)(finish(whenFirst(output, onFirst)))
        return await appliance.volume.write(stream.open, bytes, { signal, onBytes })
      },
      { signal, stallMs },
    )
    if (counting.promise === undefined) throw nothingCame(label)
    const clear = stream.encryption === null ? null : copy.bytes()
    return { written, fingerprint: await counting.promise, clear }
  } catch (error) {
    throw engine.explainDumpFailure(error, database)
  }
}

/** What is put around an archive on its way to the volume. */
function sealing(
  { environment, signal }: Appliance,
  { encryption }: Stream,
  copy: SmallCopy,
): (archive: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array> {
  if (encryption === null) return (archive) => archive
  return (archive) => encrypted(copy.of(archive), encryption, { environment, signal })
}

interface Storing {
  readonly stages: readonly Command[]
  /** What is still to be done with the bytes of the last stage. */
  readonly finish: (output: AsyncIterable<Buffer>) => AsyncIterable<Buffer>
  /** What compresses, for people. */
  readonly label: string
}

/** Plain dumps are compressed, with the preamble before them; other formats stay as they are. */
async function storing(
  { configuration, environment }: Appliance,
  { dump, format }: Stream,
): Promise<Storing> {
  if (format !== 'plain') {
    return { stages: [dump.command], finish: (output) => output, label: 'none' }
  }
  const { compression: codec, compressionLevel: level } = configuration.settings
  const compressor = await findCompressor({ codec, level }, environment)
  const { preamble } = dump
  const after = compressor.kind === 'program' ? [compressor.command] : []
  return {
    stages: [dump.command, ...after],
    finish: (output) => archiveOf(output, { codec, compressor, preamble }),
    label: compressor.label,
  }
}

/** Calls `onFirst` when the first byte is there: the dump holds its locks by then. */
async function* whenFirst(
  output: AsyncIterable<Buffer>,
  onFirst: () => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of output) {
    onFirst()
    yield chunk
  }
}

function compressed(output: AsyncIterable<Buffer>, compressor: Compressor): AsyncIterable<Buffer> {
  if (compressor.kind !== 'in-process') return output
  return Readable.from(output, { objectMode: false }).compose(compressor.create())
}

interface Packing {
  readonly codec: Codec
  readonly compressor: Compressor
  readonly preamble: Buffer | null
}

/** The roles are a member of their own, but for zstd in this process, which reads back one only. */
async function* archiveOf(
  output: AsyncIterable<Buffer>,
  { codec, compressor, preamble }: Packing,
): AsyncGenerator<Buffer> {
  if (codec === 'zstd' && compressor.kind === 'in-process') {
    yield* compressed(joined(preamble, output), compressor)
  } else {
    const member = preamble === null ? null : await compressMember(codec, preamble)
    yield* joined(member, compressed(output, compressor))
  }
}

function nothingCame(compressor: string): Refusal {
  return new Refusal('The dump came to nothing: not one byte of an archive arrived.', {
    reason: `pg_dump and the compressor (${compressor}) ended without an error all the same.`,
    advice: 'Check the programs that the PATH and PG_BIN_DIR lead to.',
  })
}

async function* joined(
  preamble: Buffer | null,
  output: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  if (preamble !== null) yield preamble
  yield* output
}
