import { describe, expect, test } from 'vitest'
import { isVerified, type Verdict } from '../../src/model/index.ts'
import { sampleBackup } from '../support/sample-backup.ts'
import { fakeManifest } from '../support/volume.ts'

const at = new Date(2026, 0, 1)

describe('a backup is verified', () => {
  test.each<[Verdict, boolean]>([
    ['verified', true],
    ['verified-with-exceptions', true],
    ['failed', false],
    ['could-not-verify', false],
  ])('after the verdict %s: %s', (verdict, verified) => {
    expect(isVerified(sampleBackup({ at, verdict }))).toBe(verified)
  })

  test('not without a verification, and not without a manifest', () => {
    expect(isVerified(sampleBackup({ at }))).toBe(false)
    expect(isVerified(sampleBackup({ at, quality: 'unchecked' }))).toBe(false)
  })

  test('not when it has gone bad since', () => {
    expect(isVerified(sampleBackup({ at, verdict: 'verified', quality: 'bad' }))).toBe(false)
  })

  test('by the last of its verifications', () => {
    const manifest = (...verdicts: readonly Verdict[]) => ({
      ...fakeManifest('path', at, Buffer.alloc(1)),
      verifications: verdicts.map((verdict) => {
        return { verdict, at: at.toISOString(), differences: [] }
      }),
    })

    expect(isVerified(sampleBackup({ at, manifest: manifest('failed', 'verified') }))).toBe(true)
    expect(isVerified(sampleBackup({ at, manifest: manifest('verified', 'failed') }))).toBe(false)
  })
})
