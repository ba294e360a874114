const tickMs = 10
const buckets = 1_024

/**
 * Many time-outs at the price of one timer. Precise to a tick of 10 ms, never early. What is not due when its bucket
 * comes round goes into a later one, so any time is possible. It knows nothing but numbers: an item that is done need
 * not be taken out, and is not held on to.
 */
export class TimerWheel {
  /** Ids and the times when they are due, in turn. */
  readonly #wheel: number[][] = Array.from({ length: buckets }, () => [])
  readonly #due: (id: number) => void
  #tick: number
  #size = 0

  /**
   * @param now milliseconds on the wheel's clock, which never goes back
   * @param due called with the id of each item, whether that is done or not
   */
  constructor(now: number, due: (id: number) => void) {
    this.#tick = Math.floor(now / tickMs)
    this.#due = due
  }

  /** Items in the wheel, those that are done among them. */
  get size(): number {
    return this.#size
  }

  add(id: number, dueAt: number): void {
    // A wheel that stood empty is not behind: it is moved on when it is turned.
    const tick = Math.max(this.#tick + 1, Math.ceil(dueAt / tickMs))
    this.#wheel[tick % buckets]?.push(id, dueAt)
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
      this.#size -= items.length / 2
      this.#tick = tick + 1
      for (let i = 0; i < items.length; i += 2) {
        const [id = 0, dueAt = 0] = [items[i], items[i + 1]]
        if (dueAt <= now) this.#due(id)
        else this.add(id, dueAt)
      }
    }
    this.#tick = last
  }
}
