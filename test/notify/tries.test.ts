import { expect, test, vi } from 'vitest'
import { DeliveryProblem } from '../../src/notify/delivery-problem.ts'
import { tryOften } from '../../src/notify/tries.ts'
import { pauseUnless } from '../../src/platform/index.ts'

vi.mock(import('../../src/platform/index.ts'), async (original) => ({
  ...(await original()),
  pauseUnless: vi.fn<typeof pauseUnless>(async () => {}),
}))

test.each([
  ['an hour', 3_600_000, [30_000, 30_000]],
  ['two seconds', 2_000, [2_000, 2_000]],
  ['nothing', null, [500, 2_000]],
])(
  'a server that asks for a pause of %s gets one that is bounded',
  async (_what, asked, pauses) => {
    vi.mocked(pauseUnless).mockClear()
    const account = { advice: 'Wait.', mayPass: true }
    const send = vi.fn<() => Promise<void>>(() =>
      Promise.reject(
        new DeliveryProblem('It has too much to do.', account, { retryAfterMs: asked }),
      ),
    )
    const { signal } = new AbortController()

    await expect(tryOften(send, { signal, firstPauseMs: 500 })).rejects.toThrow('too much to do')

    expect(send).toHaveBeenCalledTimes(3)
    expect(vi.mocked(pauseUnless).mock.calls.map(([, ms]) => ms)).toStrictEqual(pauses)
  },
)
