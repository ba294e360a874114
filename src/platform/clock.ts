/** Time from outside, so that tests own it. */
export interface Clock {
  /** UTC epoch milliseconds. */
  now(): number
  /** Resolves early, without throwing, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Time that passed since the process began, ms: no change of the clock moves it. */
export const elapsedMs = (): number => performance.now()

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal?.addEventListener('abort', wake, { once: true })
    })
  },
}
