import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { progressTeller } from '../../src/operations/tell-progress.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the last figure before a standstill is told, however soon it came after another', () => {
  const told: number[] = []
  using progress = progressTeller((bytes) => told.push(bytes))

  progress.heard(1, null)
  progress.heard(2, null)
  progress.heard(3_000_000, null)
  expect(told).toEqual([1])
  vi.advanceTimersByTime(200)

  expect(told).toEqual([1, 3_000_000])
})

test('figures that come all the time are told now and then', () => {
  const told: number[] = []
  using progress = progressTeller((bytes) => told.push(bytes))

  for (let ms = 0; ms < 2_000; ms += 1) {
    progress.heard(ms, null)
    vi.advanceTimersByTime(1)
  }

  expect(told.length).toBeGreaterThanOrEqual(10)
  expect(told.length).toBeLessThanOrEqual(11)
})

test('nothing is told after its end', () => {
  const told: number[] = []
  const progress = progressTeller((bytes) => told.push(bytes))

  progress.heard(1, null)
  progress.heard(2, null)
  progress[Symbol.dispose]()
  vi.advanceTimersByTime(1_000)

  expect(told).toEqual([1])
})
