import type { OidRange } from './oid.ts'
import { tags } from './tags.ts'

/** Writes BER from its end to its beginning: the length of a field is known once its content stands. */
export class BerWriter {
  #bytes = new Uint8Array(2_048)
  /** Where the last that was written begins. */
  #at = 2_048

  /** Bytes written. */
  get size(): number {
    return this.#bytes.length - this.#at
  }

  clear(): void {
    this.#at = this.#bytes.length
  }

  byte(value: number): void {
    if (this.#at < 1) this.#grow(1)
    this.#bytes[--this.#at] = value
  }

  copy(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.#at < end - start) this.#grow(end - start)
    for (let from = end - 1; from >= start; from--) this.#bytes[--this.#at] = bytes[from] ?? 0
  }

  /** Makes all that was written after `size` was `from` the content of a field. */
  wrap(tag: number, from: number): void {
    let length = this.size - from
    if (length < 128) this.byte(length)
    else {
      let count = 0
      for (; length > 0; length >>>= 8) {
        this.byte(length & 255)
        count++
      }
      this.byte(128 | count)
    }
    this.byte(tag)
  }

  /** A signed integer of 32 bits, in as few bytes as it needs. */
  integer(value: number): void {
    const from = this.size
    let rest = value
    do {
      this.byte(rest & 255)
      rest >>= 8
    } while (!((rest === 0 && !this.#isNegative()) || (rest === -1 && this.#isNegative())))
    this.wrap(tags.integer, from)
  }

  octets(bytes: Uint8Array): void {
    const from = this.size
    this.copy(bytes)
    this.wrap(tags.octetString, from)
  }

  /** A binding with no value, as requests have them. */
  unspecified(name: OidRange): void {
    const from = this.size
    this.byte(0)
    this.byte(tags.null)
    const at = this.size
    this.copy(name.bytes, name.start, name.end)
    this.wrap(tags.oid, at)
    this.wrap(tags.sequence, from)
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#at))
  }

  #isNegative(): boolean {
    return (this.#bytes[this.#at] ?? 0) > 127
  }

  #grow(by: number): void {
    const bytes = new Uint8Array(2 * this.#bytes.length + by)
    const at = bytes.length - this.size
    bytes.set(this.#bytes.subarray(this.#at), at)
    this.#bytes = bytes
    this.#at = at
  }
}
