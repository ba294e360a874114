/** What the kernel counts for a datagram beside its bytes. */
const overhead = 768

/**
 * Bounds the answers that may be on their way to one socket, in bytes: what does not fit into its receive buffer would
 * be lost without a word. Who has to wait is served in turn.
 */
export class ByteWindow {
  readonly #most: number
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = []
  #first = 0
  #outstanding = 0

  /** @param most bytes; one answer is let through however large it is */
  constructor(most: number) {
    this.#most = most
  }

  get waiting(): number {
    return this.#waiting.length - this.#first
  }

  /** Whether there is room at once; then it is taken, and to be given back by one `release`. */
  take(bytes: number): boolean {
    if (this.waiting > 0 || !this.#fits(bytes)) return false
    this.#outstanding += bytes + overhead
    return true
  }

  /** Calls `start` once there is room, perhaps at once. Each start is to be followed by one `release`. */
  enter(bytes: number, start: () => void): void {
    if (this.take(bytes)) start()
    else this.#waiting.push({ bytes, start })
  }

  release(bytes: number): void {
    this.#outstanding -= bytes + overhead
    for (;;) {
      const next = this.#waiting[this.#first]
      if (next === undefined || !this.#fits(next.bytes)) break
      this.#first++
      this.#outstanding += next.bytes + overhead
      next.start()
    }
    if (this.#first > 1_000 || this.#first === this.#waiting.length) {
      this.#waiting.splice(0, this.#first)
      this.#first = 0
    }
  }

  #fits(bytes: number): boolean {
    return this.#outstanding === 0 || this.#outstanding + bytes + overhead <= this.#most
  }
}
