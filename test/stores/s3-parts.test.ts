import { buffer } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inParts, partSizes } from '../../src/stores/s3/parts.ts'

const mib = 1024 ** 2
const gib = 1024 ** 3

/** How many parts so many bytes make, and how large the largest is. */
function partsOf(bytes: number, sizeOf: (part: number) => number): { parts: number; most: number } {
  let [parts, most] = [0, 0]
  for (let at = 0; at < bytes; parts += 1) {
    most = Math.max(most, sizeOf(parts))
    at += sizeOf(parts)
  }
  return { parts, most }
}

describe('the parts of an upload', () => {
  test.each([
    [17, 1, 17],
    [300 * mib, 38, 8 * mib],
    [100 * gib, 8534, 12 * mib],
    [5 * 1024 * gib, 8993, 583 * mib],
  ])('of %d bytes are alike, and fewer than servers take', (bytes, parts, most) => {
    expect(partsOf(bytes, partSizes(bytes))).toEqual({ parts, most })
  })

  test.each([
    [8 * gib, 1012, 16 * mib],
    [100 * gib, 3725, 64 * mib],
    [5 * 1024 * gib, 9282, 4096 * mib],
  ])('of %d bytes grow, if nobody knows how many will come', (bytes, parts, most) => {
    expect(partsOf(bytes, partSizes(null))).toEqual({ parts, most })
  })

  test('are the bytes of the source, in order, in exactly these sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (chunks, sizes) => {
          const sizeOf = (part: number): number => sizes[part % sizes.length] ?? 1
          const source = async function* () {
            yield* chunks
          }
          const spare: Buffer[] = []
          const copies: Buffer[] = []

          for await (const part of inParts(source(), { sizeOf, spare })) {
            copies.push(Buffer.from(part))
            spare.push(part)
          }

          expect(Buffer.concat(copies)).toEqual(await buffer(source()))
          for (const [at, part] of copies.slice(0, -1).entries()) {
            expect(part).toHaveLength(sizeOf(at))
          }
          expect(copies.filter(({ length }) => length === 0)).toEqual([])
        },
      ),
    )
  })
})
