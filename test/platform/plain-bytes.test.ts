import { writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Codec } from '../../src/model/index.ts'
import { plainBytesOf } from '../../src/platform/index.ts'
import { temporaryFolder } from '../support/volume.ts'

const { signal } = new AbortController()
const text = 'SELECT 1;\n'.repeat(50_000)

async function plainOf(bytes: Buffer, codec: Codec): Promise<string> {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const path = folder.join('archive')
  await writeFile(path, bytes)
  const { PATH } = process.env
  return (await buffer(plainBytesOf({ path, codec }, { PATH }, signal))).toString()
}

describe('the plain bytes of an archive', () => {
  test.each([
    ['none', Buffer.from(text)],
    ['gzip', Buffer.concat([gzipSync('roles;\n'), gzipSync(text)])],
    ['zstd', Buffer.concat([zstdCompressSync('roles;\n'), zstdCompressSync(text)])],
  ] as const)('are those of all its members: %s', async (codec, bytes) => {
    expect(await plainOf(bytes, codec)).toBe(codec === 'none' ? text : `roles;\n${text}`)
  })

  test.each([
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ] as const)('end with an error where it is cut or damaged: %s', async (codec, bytes) => {
    const damaged = Buffer.from(bytes)
    const middle = Math.floor(bytes.length / 2)
    damaged[middle] = (damaged[middle] ?? 0) ^ 0xff

    await expect(plainOf(bytes.subarray(0, -5), codec)).rejects.toThrow()
    await expect(plainOf(damaged, codec)).rejects.toThrow()
  })
})
