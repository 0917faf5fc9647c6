import { ProcessFailure, runPipeline } from '../../../platform/index.ts'
import type { CheckedArchive, RowsBlock } from '../archive/index.ts'
import { LaneFailure } from './lane.ts'
import type { LoadTarget } from './load-types.ts'
import type { Guard } from './restrict.ts'
import { SqlErrors } from './sql-errors.ts'
import { tablePipeline } from './table-pipeline.ts'

interface Setting {
  readonly archive: CheckedArchive
  readonly target: LoadTarget
  readonly guard: Guard | null
  readonly jobs: number
  readonly signal: AbortSignal
  readonly onBytes: () => void
  /** Called at once, so that nobody waits for what has failed. */
  readonly onFailure: (failure: unknown) => void
}

/**
 * The big tables of a plain archive, each loaded whole beside the loader, which passes over their
 * rows. What they weigh goes from process to process and never through JavaScript; each connection
 * reads the archive once.
 */
export class BigTables {
  readonly #setting: Setting
  readonly #blocks: Map<number, RowsBlock>
  readonly #passed = new Set<number>()
  readonly #bytesOf: number[] = []
  #running: Promise<readonly PromiseSettledResult<void>[]> = Promise.resolve([])

  private constructor(setting: Setting, blocks: readonly RowsBlock[]) {
    this.#setting = setting
    this.#blocks = new Map(blocks.map((block) => [block.index, block]))
  }

  /** Whether nobody else needs rows of `blocks` of the archive. */
  get areAll(): boolean {
    return this.#blocks.size === this.#setting.archive.blocks.length
  }

  /** Bytes of rows that psql was given so far. */
  get bytes(): number {
    return this.#bytesOf.reduce((sum, bytes) => sum + bytes, 0)
  }

  /** @param settings SQL that each connection needs first. */
  static start(blocks: readonly RowsBlock[], settings: string, setting: Setting): BigTables {
    const started = new BigTables(setting, blocks)
    started.#start(sharesOf(blocks, setting.jobs), settings)
    return started
  }

  #start(shares: readonly (readonly RowsBlock[])[], settings: string): void {
    const loads = shares.map(async (share, at) => {
      try {
        await this.#load(share, settings, at)
      } catch (error) {
        this.#setting.onFailure(error)
        throw error
      }
    })
    this.#running = Promise.allSettled(loads)
  }

  /**
   * The table whose rows the loader has come to, when it is one of these.
   * @throws {LaneFailure} when it is not the one that was found here before.
   */
  pass(index: number, copy: string): RowsBlock | null {
    const block = this.#blocks.get(index)
    if (block === undefined) return null
    if (block.copy !== copy) throw contradiction()
    this.#passed.add(index)
    return block
  }

  /** Resolves when none of its programs runs any more, whatever became of them. */
  async ended(): Promise<void> {
    await this.#running
  }

  /** @throws {LaneFailure | ProcessFailure} the first failure; or when the loader has not come to one of the tables. */
  async finish(): Promise<void> {
    const failure = (await this.#running).find(({ status }) => status === 'rejected')
    if (failure?.status === 'rejected') throw failure.reason
    if (this.#passed.size < this.#blocks.size) throw contradiction()
  }

  async #load(share: readonly RowsBlock[], settings: string, at: number): Promise<void> {
    const { archive, target, guard, signal } = this.#setting
    const onBytes = (bytes: number): void => {
      this.#bytesOf[at] = bytes
      this.#setting.onBytes()
    }
    const stages = tablePipeline(share, { archive, target, guard, settings, onBytes })
    const said = await runPipeline(stages, textOf, { signal, mayLeaveFirst: true }).catch(explain)
    const counts = [...said.matchAll(/^COPY (?<rows>\d+)$/gmu)].map((tag) => Number(tag[1]))
    for (const [nth, { rows, copy }] of share.entries()) {
      if (counts[nth] === rows) continue
      throw new LaneFailure([], [`${copy} took ${counts[nth] ?? 'no'} rows instead of ${rows}`])
    }
  }
}

/**
 * Which blocks may be loaded in this way. One connection for each table pays only where no table
 * outweighs the work that could be shared.
 */
export function bigTablesOf(
  { blocks, reader }: CheckedArchive,
  { jobs, mayHave }: { readonly jobs: number; readonly mayHave: (copy: string) => boolean },
): readonly RowsBlock[] {
  if (reader === null || jobs < 2) return []
  const mine = blocks.filter(({ copy }) => mayHave(copy))
  const all = mine.reduce((sum, block) => sum + sizeOf(block), 0)
  const largest = Math.max(0, ...mine.map(sizeOf))
  return jobs > 2 && largest * (jobs - 1) > all ? [] : mine
}

/** The largest first, always to whom has least; each share in the order of the archive. */
function sharesOf(blocks: readonly RowsBlock[], jobs: number): readonly (readonly RowsBlock[])[] {
  const shares = Array.from({ length: jobs }, () => ({ bytes: 0, blocks: [] as RowsBlock[] }))
  for (const block of blocks.toSorted((one, other) => sizeOf(other) - sizeOf(one))) {
    const share = shares.reduce((least, each) => (each.bytes < least.bytes ? each : least))
    share.blocks.push(block)
    share.bytes += sizeOf(block)
  }
  return shares
    .map((share) => share.blocks.toSorted((one, other) => one.index - other.index))
    .filter((share) => share.length > 0)
}

function contradiction(): LaneFailure {
  return new LaneFailure([], ['the tables of the dump are others than its check has found'])
}

function sizeOf({ from, to }: RowsBlock): number {
  return to - from
}

async function textOf(output: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function explain(error: unknown): never {
  if (!(error instanceof ProcessFailure) || error.ending.program !== 'psql') throw error
  const errors = new SqlErrors({ redacted: (text) => text })
  errors.add(Buffer.from(error.ending.stderr.map((line) => `${line}\n`).join('')))
  const found = errors.all().map(({ message }) => ({ line: null, message }))
  throw new LaneFailure(found, error.ending.stderr)
}
