import { defineConfig } from 'vitest/config'

/**
 * Four layers, by what is real in them (CONTRIBUTING.md, "Tests"). Service and system tests start real programs, so
 * they get longer limits and, on a small machine, run a few files at a time.
 */
const layer = (name: string, timeoutMs: number, maxWorkers?: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
  },
})

export default defineConfig({
  test: {
    projects: [
      layer('unit', 10_000),
      layer('guard', 60_000),
      layer('service', 60_000, 2),
      // Two, since the laboratory mostly waits.
      layer('system', 240_000, 2),
    ],
  },
})
