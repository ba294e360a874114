export interface DayEntry<Key> {
  readonly key: Key
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

const dayMs = 24 * 3_600_000

export interface DayLogOptions<Key> {
  /** Keys of the same name are the same. */
  readonly name: (key: Key) => string
  /** Whose key it is: who has the most makes room first. */
  readonly owner: (key: Key) => string
  /** So many are kept. */
  readonly most: number
}

/**
 * Counts things by key, and forgets what was not seen for a day. When there is more than there is room for, who has the
 * most loses what was seen longest ago, so nobody who invents keys crowds out the others. A key is kept as it was given
 * first.
 */
export class DayLog<Key> {
  readonly #options: DayLogOptions<Key>
  readonly #held = new Map<string, number>()
  /** In the order of their last time. */
  readonly #entries = new Map<string, DayEntry<Key>>()

  constructor(options: DayLogOptions<Key>) {
    this.#options = options
  }

  /** Returns whether it is new. */
  note(key: Key, now: number): boolean {
    const name = this.#options.name(key)
    const known = this.#entries.get(name)
    this.#drop(name)
    const fresh = known === undefined || now - known.lastAt > dayMs
    const entry = fresh
      ? { key, count: 1, firstAt: now, lastAt: now }
      : { ...known, count: known.count + 1, lastAt: now }
    this.#entries.set(name, entry)
    const owner = this.#options.owner(entry.key)
    this.#held.set(owner, (this.#held.get(owner) ?? 0) + 1)
    if (this.#entries.size > this.#options.most) this.#makeRoom(now)
    return fresh
  }

  /** Those of the last day, the latest first. */
  entries(now: number): readonly DayEntry<Key>[] {
    for (const [name, { lastAt }] of this.#entries) if (now - lastAt > dayMs) this.#drop(name)
    return [...this.#entries.values()].toReversed()
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    const owner = this.#options.owner(entry.key)
    const held = (this.#held.get(owner) ?? 1) - 1
    if (held === 0) this.#held.delete(owner)
    else this.#held.set(owner, held)
  }

  #makeRoom(now: number): void {
    const most = Math.max(...this.#held.values())
    for (const [name, { key, lastAt }] of this.#entries) {
      if (now - lastAt <= dayMs && this.#held.get(this.#options.owner(key)) !== most) continue
      this.#drop(name)
      return
    }
  }
}
