export interface BucketSettings {
  readonly perSecond: number
  /** How many may come at once after a quiet time; also where it begins. */
  readonly burst: number
}

/** Lets `perSecond` pass on the long run. A clock that is set back adds nothing. */
export class TokenBucket {
  readonly #settings: BucketSettings
  #tokens: number
  #at: number

  constructor(settings: BucketSettings, now: number) {
    this.#settings = settings
    this.#tokens = settings.burst
    this.#at = now
  }

  /** Nothing was taken for so long that it is as new. */
  isFull(now: number): boolean {
    return this.#refill(now) >= this.#settings.burst
  }

  holds(now: number): boolean {
    return this.#refill(now) >= 1
  }

  /** Takes one, if there is one. */
  take(now: number): boolean {
    if (!this.holds(now)) return false
    this.#tokens -= 1
    return true
  }

  #refill(now: number): number {
    const { perSecond, burst } = this.#settings
    const passed = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(burst, this.#tokens + (passed / 1000) * perSecond)
    return this.#tokens
  }
}
