const digit0 = 48
const minus = 45
const point = 46

/** Appends text to a buffer that grows. Numbers are written digit by digit: no string is made for them. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  get length(): number {
    return this.#length
  }

  /** Forgets what comes after that length. */
  cutTo(length: number): void {
    this.#length = length
  }

  /** Makes room: what is appended next must be no longer, except text, which makes its own. */
  reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const wider = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(wider, 0, 0, this.#length)
    this.#bytes = wider
  }

  byte(value: number): void {
    this.#bytes[this.#length++] = value
  }

  bytes(text: Uint8Array, from = 0, to = text.length): void {
    const bytes = this.#bytes
    let at = this.#length
    // Names and prefixes are short: a loop is quicker than a call into the runtime.
    if (to - from < 128) for (let i = from; i < to; i++) bytes[at++] = text[i] ?? 0
    else {
      bytes.set(text.subarray(from, to), at)
      at += to - from
    }
    this.#length = at
  }

  text(text: string): void {
    // UTF-8 takes at most three bytes a UTF-16 unit.
    this.reserve(text.length * 3)
    this.#length += this.#bytes.write(text, this.#length, 'utf8')
  }

  /** A safe integer; at most 17 bytes. */
  integer(value: number): void {
    let rest = value
    if (rest < 0) {
      this.#bytes[this.#length++] = minus
      rest = -rest
    }
    if (rest < 1e9) this.#digits(rest, 1)
    else {
      const high = Math.floor(rest / 1e9)
      this.#digits(high, 1)
      this.#digits(rest - high * 1e9, 9)
    }
  }

  /** A whole number of thousandths as a decimal number without trailing zeros; at most 18 bytes. */
  thousandths(value: number): void {
    let rest = value
    if (rest < 0) {
      this.#bytes[this.#length++] = minus
      rest = -rest
    }
    const whole = Math.floor(rest / 1_000)
    this.integer(whole)
    const fraction = rest - whole * 1_000
    if (fraction === 0) return
    this.#bytes[this.#length++] = point
    this.#digits(fraction, 3)
    while (this.#bytes[this.#length - 1] === digit0) this.#length--
  }

  /** What was written so far, in memory of its own; begins anew. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.#length)
    this.#bytes.copy(taken, 0, 0, this.#length)
    this.#length = 0
    return taken
  }

  /** Below 10^9; `width` digits at least. */
  #digits(value: number, width: number): void {
    const bytes = this.#bytes
    let rest = value | 0
    let count = 1
    for (let limit = 10; limit <= rest && count < 10; limit *= 10) count++
    if (count < width) count = width
    const end = this.#length + count
    for (let at = end - 1; at >= this.#length; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = digit0 + rest - tenth * 10
      rest = tenth
    }
    this.#length = end
  }
}
