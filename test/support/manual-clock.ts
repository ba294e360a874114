import type { Clock } from '../../src/platform/clock.ts'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

const nextImmediate = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Time moves only when told; sleepers wake in the order in which they are due. */
export class ManualClock implements Clock {
  #now: number
  readonly #sleepers = new Set<Sleeper>()
  readonly #turn: () => Promise<void>

  /** `turn` lets the code run that was woken; the default one lets input and output end as well. */
  constructor(start: number | string = '2026-03-01T08:00:00Z', turn = nextImmediate) {
    this.#now = typeof start === 'number' ? start : Date.parse(start)
    this.#turn = turn
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
        this.#sleepers.delete(sleeper)
        wake()
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      const next = this.#first()
      if (next === undefined || next.due > until) break
      this.#now = Math.max(this.#now, next.due)
      this.#sleepers.delete(next)
      next.wake()
      // Let the woken code run before time moves on.
      await this.#turn()
    }
    this.#now = until
  }

  /** Of those that are due at one time, who fell asleep first. */
  #first(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.#sleepers) if (first === undefined || sleeper.due < first.due) first = sleeper
    return first
  }
}
