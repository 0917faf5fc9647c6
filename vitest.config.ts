import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: 'test/support/global-setup.ts',
    env: { TZ: 'UTC' },
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Many tests wait for something, so that two cores can do more than two at a time.
    maxWorkers: 3,
  },
})
