// How the daemon is started so that it holds little memory: V8 and malloc keep room for throughput that it does not need.
// With 50,000 interfaces this gives back a quarter of what it holds, for no CPU that could be measured.

/** V8 keeps three times this for new objects, 64 MB without it. Polling has a limit of its own. */
export const daemonFlags = ['--max-semi-space-size=4']

/**
 * Arrays of 128 KB and more go back to the system when they are done with, which malloc of glibc otherwise unlearns; two
 * threads share what each would keep for itself.
 */
export const daemonEnv = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

/** NODE_OPTIONS does not allow it; `bin/faultline.js` sets it by itself, and says why. */
export const heapGrowth = '--heap-growing-percent=20'
