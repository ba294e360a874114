/** Something that is due at a time. It is forgotten when it says NaN. */
export interface Timed {
  /** Milliseconds on the wheel's clock. */
  readonly dueAt: number
}

const tickMs = 10
const buckets = 1_024

/**
 * Many time-outs at the price of one timer. Precise to a tick of 10 ms, never early. What is not due when its bucket
 * comes round goes into a later one, so any time is possible, and nothing need be taken out.
 */
export class TimerWheel<Item extends Timed> {
  readonly #wheel: Item[][] = Array.from({ length: buckets }, () => [])
  readonly #due: (item: Item) => void
  #tick: number
  #size = 0

  /** @param now on the wheel's clock, which never goes back */
  constructor(now: number, due: (item: Item) => void) {
    this.#tick = Math.floor(now / tickMs)
    this.#due = due
  }

  /** Items in the wheel, those that are done among them. */
  get size(): number {
    return this.#size
  }

  add(item: Item): void {
    // A wheel that stood empty is not behind: it is moved on when it is turned.
    const tick = Math.max(this.#tick + 1, Math.ceil(item.dueAt / tickMs))
    this.#wheel[tick % buckets]?.push(item)
    this.#size++
  }

  /** Tells what has come due since the last turn. */
  turn(now: number): void {
    const last = Math.floor(now / tickMs)
    // After a long pause each bucket is looked at once.
    let tick = Math.max(this.#tick, last - buckets)
    for (; tick < last; tick++) {
      const bucket = this.#wheel[(tick + 1) % buckets]
      if (bucket === undefined || bucket.length === 0) continue
      const items = bucket.splice(0)
      this.#size -= items.length
      this.#tick = tick + 1
      for (const item of items) {
        if (item.dueAt <= now) this.#due(item)
        else if (item.dueAt > now) this.add(item)
      }
    }
    this.#tick = last
  }
}
