import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../src/model/index.ts'
import { diskSpaceOf, explainDiskError, explainingDiskErrors } from '../../src/platform/index.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'

describe.skipIf(cannotMount)(`the space of a volume${cannotMountNote}`, () => {
  test('is counted in bytes', async () => {
    await using volume = smallVolume(1024)
    await writeFile(volume.join('file'), Buffer.alloc(256 * 1024))

    expect(await diskSpaceOf(volume.path)).toEqual({ free: 768 * 1024, total: 1024 * 1024 })
  })

  test('explains itself when it is used up', async () => {
    await using volume = smallVolume(64)

    const writing = explainingDiskErrors('Writing the file', () =>
      writeFile(volume.join('file'), Buffer.alloc(256 * 1024)),
    )

    await expect(writing).rejects.toThrow('Writing the file failed: the volume is full.')
  })
})

describe('an error of the file system', () => {
  test.each([
    ['ENOSPC', 'is full', 'Enlarge the volume'],
    ['EDQUOT', 'has used up its quota', 'Enlarge the quota'],
    ['EROFS', 'is mounted read-only', 'writable'],
    ['EACCES', 'does not let us in', 'access'],
    ['EPERM', 'does not permit it', 'access'],
    ['ENAMETOOLONG', 'takes no name as long as this', 'name = …'],
    ['ESTALE', 'has lost sight of the file', 'file server'],
    ['EIO', 'has an input/output error', 'health'],
  ])('%s says what people can do', (code, is, advice) => {
    const error = Object.assign(new Error(`${code}: said the system`), { code })

    const refusal = explainDiskError(error, 'Writing x', 'Nothing is left of it.') as Refusal

    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal.message).toBe(`Writing x failed: the volume ${is}.`)
    expect(refusal.reason).toBe(`${code}: said the system. Nothing is left of it.`)
    expect(refusal.advice).toContain(advice)
    expect(refusal.cause).toBe(error)
  })

  test('is found behind a second error of closing the file', () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })

    const refusal = explainDiskError(new SuppressedError(new Error('close'), full), 'Writing x')

    expect(refusal).toMatchObject({ message: 'Writing x failed: the volume is full.' })
  })

  test.each([new TypeError('ours'), Object.assign(new Error('gone'), { code: 'ENOENT' }), 'text'])(
    'stays as it is when it is not about the volume: %s',
    (error) => {
      expect(explainDiskError(error, 'Writing x')).toBe(error)
    },
  )
})
