export interface DayEntry<Key> {
  readonly key: Key
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

const dayMs = 24 * 3_600_000

/**
 * Counts things by key, and forgets what was not seen for a day, or longest ago when there is more than there is room
 * for. A key is kept as it was given first.
 */
export class DayLog<Key> {
  readonly #name: (key: Key) => string
  readonly #most: number
  /** In the order of their last time. */
  readonly #entries = new Map<string, DayEntry<Key>>()

  constructor(name: (key: Key) => string, most: number) {
    this.#name = name
    this.#most = most
  }

  /** Returns whether it is new. */
  note(key: Key, now: number): boolean {
    const name = this.#name(key)
    const known = this.#entries.get(name)
    this.#entries.delete(name)
    const fresh = known === undefined || now - known.lastAt > dayMs
    this.#entries.set(
      name,
      fresh
        ? { key, count: 1, firstAt: now, lastAt: now }
        : { ...known, count: known.count + 1, lastAt: now },
    )
    if (this.#entries.size > this.#most)
      for (const [oldest] of this.#entries) {
        this.#entries.delete(oldest)
        break
      }
    return fresh
  }

  /** Those of the last day, the latest first. */
  entries(now: number): readonly DayEntry<Key>[] {
    for (const [name, { lastAt }] of this.#entries) if (now - lastAt > dayMs) this.#entries.delete(name)
    return [...this.#entries.values()].toReversed()
  }
}
