import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { codecs } from '../../src/model/index.ts'
import {
  compressMember,
  findCompressor,
  findProgram,
  foldersOf,
  readBackTail,
} from '../../src/platform/index.ts'
import { temporaryFolder } from '../support/volume.ts'

const PATH = process.env['PATH'] ?? ''
const never = new AbortController().signal

/** A PATH that leads to these programs only. */
async function pathWith(folder: string, names: readonly string[]): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  for (const name of names) {
    const program = await findProgram(name, foldersOf(PATH))
    if (program === null) throw new Error(`${name} is not installed`)
    await symlink(program, join(bin, name))
  }
  return bin
}

describe('the compressor', () => {
  test.each([
    [['igzip', 'pigz'], 'igzip'],
    [['pigz'], 'pigz'],
    [[], 'in-process'],
  ])('for gzip with %j at hand is %s', async (names, expected) => {
    await using folder = temporaryFolder()
    const path = await pathWith(folder.path, names)

    const compressor = await findCompressor({ codec: 'gzip', level: null }, { PATH: path })

    expect(compressor.label).toBe(expected)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, null])(
    'turns level %j into what each program knows',
    async (level) => {
      for (const names of [['igzip'], ['pigz'], ['zstd']]) {
        await using folder = temporaryFolder()
        const path = await pathWith(folder.path, names)
        const codec = names[0] === 'zstd' ? 'zstd' : 'gzip'
        const compressor = await findCompressor({ codec, level }, { PATH: path })
        if (compressor.kind !== 'program') throw new Error('Expected a program')

        const { program, args } = compressor.command
        const archive = execFileSync(program, [...args], { input: 'dump' })

        expect(execFileSync(codec, ['-d', '-c'], { input: archive }).toString()).toBe('dump')
      }
    },
  )

  test.each(['gzip', 'zstd'] as const)(
    'in this process writes %s that its tool reads',
    async (codec) => {
      const compressor = await findCompressor({ codec, level: 3 }, { PATH: '/nonexistent' })
      if (compressor.kind !== 'in-process') throw new Error('Expected none at hand')

      const archive = await Readable.from(['roles and rows']).compose(compressor.create()).toArray()

      const plain = execFileSync(codec, ['-d', '-c'], { input: Buffer.concat(archive as Buffer[]) })
      expect(plain.toString()).toBe('roles and rows')
    },
  )
})

describe('an archive of several members', () => {
  test.each(codecs)('with %s is read back to its end', async (codec) => {
    await using folder = temporaryFolder()
    const path = folder.join('archive')
    const rows = Array.from({ length: 100_000 }, (_, i) => `row ${i} of many\n`).join('')
    const members = ['roles\n', rows, '-- complete\n'].map(async (part) =>
      compressMember(codec, Buffer.from(part)),
    )
    await writeFile(path, Buffer.concat(await Promise.all(members)))

    const tail = await readBackTail(
      { bytes: createReadStream(path), codec, tailBytes: 12 },
      { PATH },
      never,
    )

    expect(tail.toString()).toBe('-- complete\n')
  })

  test.each(['gzip', 'zstd'] as const)('with %s that was cut is found', async (codec) => {
    await using folder = temporaryFolder()
    const path = folder.join('archive')
    const archive = await compressMember(codec, Buffer.from('rows '.repeat(1000)))
    await writeFile(path, archive.subarray(0, -5))

    await expect(
      readBackTail({ bytes: createReadStream(path), codec, tailBytes: 12 }, { PATH }, never),
    ).rejects.toThrow()
  })
})
