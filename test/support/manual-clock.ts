import type { Clock } from '../../src/platform/clock.ts'

/** Time moves only when told; sleepers wake in the order in which they are due. */
export class ManualClock implements Clock {
  #now: number
  #sleepers: { readonly due: number; readonly wake: () => void }[] = []

  constructor(start: number | string = '2026-03-01T08:00:00Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start)
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const sleeper = { due: this.#now + ms, wake }
      const giveUp = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        wake()
      }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      const next = this.#sleepers.filter((s) => s.due <= until).sort((a, b) => a.due - b.due)[0]
      if (!next) break
      this.#now = Math.max(this.#now, next.due)
      this.#sleepers = this.#sleepers.filter((s) => s !== next)
      next.wake()
      // Let the woken code run before time moves on.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = until
  }
}
