/** No attempt is given up sooner: an agent that has work to do now and then is not lost. Ms. */
const shortestWait = 250

/**
 * How long the answers of one agent take, smoothed as TCP does it (RFC 6298). Each attempt has an id of its own, so it
 * is known which of them was answered, and there is nothing of Karn's ambiguity to leave out.
 */
export class RoundTrip {
  #smoothed = Number.NaN
  #variation = 0

  /** @param ms from an attempt to its own answer */
  measured(ms: number): void {
    if (Number.isNaN(this.#smoothed)) {
      this.#smoothed = ms
      this.#variation = ms / 2
      return
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms)
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms
  }

  /** Nothing is known of it any more: it was away, and may be another way off. */
  forget(): void {
    this.#smoothed = Number.NaN
  }

  /**
   * How long to wait for the answer to an attempt (0 is the first), ms. It doubles with each, and is never more than
   * `longest`; the last attempt always gets that.
   */
  wait(attempt: number, attempts: number, longest: number): number {
    if (Number.isNaN(this.#smoothed) || attempt >= attempts - 1) return longest
    const usual = Math.max(shortestWait, this.#smoothed + Math.max(10, 4 * this.#variation))
    return Math.min(longest, usual * 2 ** attempt)
  }
}
