/** An agent's engine as it was last known: what is worth keeping over a restart of ours. */
export interface EngineMemo {
  /** Its id, hexadecimal. */
  readonly id: string
  readonly boots: number
  /** snmpEngineTime in seconds, and when it was so, UTC epoch milliseconds. */
  readonly time: number
  readonly at: number
}

/** RFC 3414 §2.2.3: seconds. */
const window = 150
/** An engine whose boots have come this far is not believed any more (RFC 3414 §2.2.2). */
const lastBoots = 2 ** 31 - 1

/**
 * What we hold of the clock of an agent's engine (RFC 3414 §2.2, §2.3). It only goes forward, save for `corrected`: an
 * agent that cannot keep its count of boots starts again at 1, and says so in an authentic report.
 */
export class Engine {
  readonly id: Buffer
  #boots: number
  /** Latest engine time that was told, and our clock then. */
  #time: number
  #at: number
  #proven: boolean

  /** @param proven whether that came in an authentic message */
  constructor(id: Buffer, boots: number, time: number, now: number, proven: boolean) {
    this.id = id
    this.#boots = boots
    this.#time = time
    this.#at = now
    this.#proven = proven
  }

  get boots(): number {
    return this.#boots
  }

  time(now: number): number {
    return Math.min(2 ** 31 - 1, this.#time + Math.max(0, Math.floor((now - this.#at) / 1_000)))
  }

  /** Whether an authentic message is of now. It moves our notion of the clock forward when it is. */
  isTimely(boots: number, time: number, now: number): boolean {
    if (boots === lastBoots) return false
    if (this.#proven) {
      if (boots < this.#boots || (boots === this.#boots && time < this.time(now) - window)) return false
      if (boots === this.#boots && time <= this.#time) return true
    }
    this.corrected(boots, time, now)
    return true
  }

  /** An authentic report says that our notion was wrong. */
  corrected(boots: number, time: number, now: number): void {
    this.#boots = boots
    this.#time = time
    this.#at = now
    this.#proven = true
  }
}
