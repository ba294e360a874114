import type { Clock } from '../platform/clock.ts'

/** Something under way, which is to be done within its limit. */
export interface Limited<Item> {
  /** Undefined once it is done: one that takes long must not keep alive all that began after it. */
  item: Item | undefined
  /** On the clock of its `TimeLimit`. */
  readonly dueAt: number
}

/** At most so long it sleeps at a stretch: by so much a step of the system's clock can put a limit off. */
const mostStepMs = 1_000

/**
 * Tells of all that is not done within the same time after it began. One timer serves all of them, and whatever is done
 * in time, as almost everything is, costs no more than its place in a list. Its clock counts what was slept, so it
 * neither jumps nor goes back when the system's clock does, and stands still while the process does.
 */
export class TimeLimit<Item extends object> {
  readonly #limitMs: number
  readonly #clock: Clock
  readonly #exceeded: (item: Item) => void
  readonly #closing = new AbortController()
  /** By the time when it is due, from `#first` on. */
  #list: Limited<Item>[] = []
  #first = 0
  #isWatching = false
  /** Slept until the last time that it woke; when that was; and for how long it sleeps now. */
  #slept = 0
  #wokeAt = 0
  #step = 0

  /** @param exceeded called once for each, and not for those that are done */
  constructor(limitMs: number, clock: Clock, exceeded: (item: Item) => void) {
    this.#limitMs = limitMs
    this.#clock = clock
    this.#exceeded = exceeded
  }

  begin(item: Item): Limited<Item> {
    const sinceWoken = this.#isWatching ? this.#clock.now() - this.#wokeAt : 0
    const now = this.#slept + Math.min(this.#step, Math.max(0, sinceWoken))
    const limited: Limited<Item> = { item, dueAt: now + this.#limitMs }
    this.#list.push(limited)
    if (!this.#isWatching) void this.#watch()
    return limited
  }

  done(limited: Limited<Item>): void {
    limited.item = undefined
    this.#forget(Number.NEGATIVE_INFINITY)
  }

  /** Tells of nothing any more. */
  close(): void {
    this.#closing.abort()
  }

  /** Drops those in front that are done, and tells of those that are due. */
  #forget(now: number): void {
    for (;;) {
      const next = this.#list[this.#first]
      if (next === undefined) break
      const { item, dueAt } = next
      if (item !== undefined && dueAt > now) break
      this.#first++
      if (item !== undefined) this.#exceeded(item)
    }
    if (this.#first > 1_000 || this.#first === this.#list.length) {
      this.#list.splice(0, this.#first)
      this.#first = 0
    }
  }

  async #watch(): Promise<void> {
    this.#isWatching = true
    for (;;) {
      const next = this.#list[this.#first]
      if (next === undefined) break
      this.#step = Math.min(mostStepMs, Math.max(1, next.dueAt - this.#slept))
      this.#wokeAt = this.#clock.now()
      await this.#clock.sleep(this.#step, this.#closing.signal)
      if (this.#closing.signal.aborted) return
      this.#slept += this.#step
      this.#step = 0
      this.#forget(this.#slept)
    }
    this.#isWatching = false
  }
}
