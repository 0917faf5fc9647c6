import type { Clock } from '../model/index.ts'

export const systemClock: Clock = { now: () => new Date() }
