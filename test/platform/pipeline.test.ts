import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ProcessFailure, runPipeline } from '../../src/platform/index.ts'
import { newRunFolder } from '../support/run-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

const environment = { PATH: process.env['PATH'] ?? '' }
const program = (name: string, ...args: readonly string[]) => ({ program: name, args, environment })
const shell = (script: string) => program('sh', '-c', script)
const never = new AbortController().signal

async function text(output: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function length(output: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0
  for await (const chunk of output) bytes += chunk.length
  return bytes
}

async function failureOf(work: Promise<unknown>): Promise<ProcessFailure> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof ProcessFailure) return error
  throw new Error(`Expected a ProcessFailure, got ${String(error)}`)
}

function runsSomewhere(mark: string): boolean {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return all.split('\n').some((line) => line.includes(mark) && !line.startsWith('ps '))
}

describe('a pipeline', () => {
  test('hands the output of the last stage to its reader, whole', async () => {
    const stages = [shell('seq 1 300000'), program('cat'), program('sort', '-n', '-r')]

    const lines = (await runPipeline(stages, text, { signal: never })).split('\n')

    expect(lines).toHaveLength(300_001)
    expect(lines[0]).toBe('300000')
  })

  test('passes hundreds of megabytes from process to process', async () => {
    const stages = [program('head', '-c', '300000000', '/dev/zero'), program('wc', '-c')]

    expect((await runPipeline(stages, text, { signal: never })).trim()).toBe('300000000')
  })

  test('D-01: fails when the first stage fails, although the last ended well', async () => {
    const stages = [shell('echo half; echo "no such table" >&2; exit 3'), program('gzip', '-c')]

    const failure = await failureOf(runPipeline(stages, length, { signal: never }))

    expect(failure.ending).toMatchObject({ program: 'sh', exitCode: 3, stderr: ['no such table'] })
  })

  test('names the compressor when that was killed, not the dump that died of it', async () => {
    const stages = [shell('yes'), shell('head -c 1000; kill -9 $$')]

    const failure = await failureOf(runPipeline(stages, length, { signal: never }))

    expect(failure.ending.signal).toBe('SIGKILL')
  })

  test('names the compressor, too, when the dump had said that it could not write', async () => {
    const complaint = 'pg_dump: error: could not write to output file: Connection reset by peer'
    const ready = join(newRunFolder('pipeline'), 'ready')
    const dump = shell(
      `until [ -e ${ready} ]; do sleep 0.01; done; echo "${complaint}" >&2; exit 1`,
    )
    const compressor = shell(`trap "" TERM; : > ${ready}; cat; exit 7`)

    const failure = await failureOf(runPipeline([dump, compressor], length, { signal: never }))

    expect(failure.ending.exitCode).toBe(7)
  })

  test('names the dump when that lost its server, not the compressor that was stopped then', async () => {
    const complaint = 'could not receive data from server: Connection reset by peer'
    const dump = shell(`echo "${complaint}" >&2; exit 1`)

    const failure = await failureOf(
      runPipeline([dump, program('sleep', '31536002.5')], length, { signal: never }),
    )

    expect(failure.ending).toMatchObject({ exitCode: 1, stderr: [complaint] })
  })

  test('stops a first stage that writes nothing when the second fails', async () => {
    const mark = '31536000.25'
    const stages = [program('sleep', mark), shell('exit 4')]

    const failure = await failureOf(runPipeline(stages, length, { signal: never }))

    expect(failure.ending.exitCode).toBe(4)
    expect(runsSomewhere(mark)).toBe(false)
  })

  test('says which program is missing', async () => {
    const stages = [shell('echo x'), program('no-such-compressor')]

    const failure = await failureOf(runPipeline(stages, length, { signal: never }))

    expect(failure.message).toBe('no-such-compressor is not installed, or not on the PATH')
  })

  test('reports the error of its reader and leaves no process behind', async () => {
    const mark = '31536000.75'
    const full = new Error('No space left on device')
    const stages = [shell(`echo x; exec sleep ${mark}`), program('cat')]
    const reader = async (output: AsyncIterable<Buffer>): Promise<never> => {
      for await (const _chunk of output) throw full
      throw new Error('nothing came')
    }

    await expect(runPipeline(stages, reader, { signal: never })).rejects.toBe(full)
    expect(runsSomewhere(mark)).toBe(false)
  })

  test('reports the error of its reader although the dump says that it was terminated', async () => {
    const full = new Error('No space left on device')
    const dump = shell('trap "echo terminated by user >&2; exit 1" TERM; while :; do echo x; done')
    const reader = async (output: AsyncIterable<Buffer>): Promise<never> => {
      for await (const _chunk of output) throw full
      throw new Error('nothing came')
    }

    await expect(runPipeline([dump], reader, { signal: never })).rejects.toBe(full)
  })

  test('ends a dump that hangs', async () => {
    const stages = [shell('echo x; exec sleep 31536001.5'), program('cat')]

    const failure = await failureOf(runPipeline(stages, length, { signal: never, stallMs: 200 }))

    expect(failure.stopReason).toBe('stalled')
    expect(runsSomewhere('31536001.5')).toBe(false)
  })

  test('does not blame the dump for a reader that is slow', async () => {
    const slowly = async (output: AsyncIterable<Buffer>): Promise<number> => {
      let bytes = 0
      for await (const chunk of output) {
        bytes += chunk.length
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
      return bytes
    }

    expect(await runPipeline([shell('echo x')], slowly, { signal: never, stallMs: 200 })).toBe(2)
  })

  test('loses no byte when its reader begins after the program has ended', async () => {
    const late = async (output: AsyncIterable<Buffer>): Promise<string> => {
      await waitUntil('the end', () => !runsSomewhere('a-mark-of-this-test'))
      // Turns of the event loop in which Node learns of it, and would let the output go.
      for (let turn = 0; turn < 50; turn += 1) await new Promise((next) => setImmediate(next))
      return await text(output)
    }

    for (let round = 0; round < 10; round += 1) {
      const stage = shell('echo whole; : a-mark-of-this-test')
      expect(await runPipeline([stage], late, { signal: never })).toBe('whole\n')
    }
  })

  test('is ended by an abort, with its reason, even when a stage ignores SIGTERM', async () => {
    const abort = new AbortController()
    const reason = new Error('SIGTERM')
    const stubborn = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done")
    const run = runPipeline(
      [stubborn],
      async (output) => {
        for await (const _chunk of output) abort.abort(reason)
      },
      { signal: abort.signal },
    )

    await expect(run).rejects.toBe(reason)
  })

  test('gives its programs the environment of the command and nothing else', async () => {
    const command = { ...program('env'), environment: { PATH: environment.PATH, ONLY: 'this' } }

    const seen = await runPipeline([command], text, { signal: never })

    expect(seen.trim().split('\n').toSorted()).toEqual(['ONLY=this', `PATH=${environment.PATH}`])
  })

  test('keeps only the last lines of a tool that chatters', async () => {
    const stages = [shell('seq 1 200000 >&2; exit 1')]

    const { ending } = await failureOf(runPipeline(stages, length, { signal: never }))

    expect(ending.stderr).toHaveLength(20)
    expect(ending.stderr.at(-1)).toBe('200000')
  })
})
