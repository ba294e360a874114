/** To begin with: an empty array is as costly to make as any. */
export const noBytes = new Uint8Array()

/**
 * Finds BER fields in bytes that nobody vouches for. One object serves a whole message, so that reading allocates
 * nothing: `at` leaves what it found in `tag`, `start` and `end`.
 */
export class BerField {
  bytes: Uint8Array
  tag = 0
  /** Of the content. */
  start = 0
  end = 0

  constructor(bytes: Uint8Array = noBytes) {
    this.bytes = bytes
  }

  /** The field that begins at `at`; false when it is cut off, of indefinite length, or reaches beyond `limit`. */
  at(at: number, limit: number): boolean {
    const { bytes } = this
    if (at + 2 > limit) return false
    this.tag = bytes[at] ?? 0
    let length = bytes[at + 1] ?? 0
    let start = at + 2
    if (length > 127) {
      const end = start + (length & 127)
      // Four bytes of length are more than any datagram has.
      if (end === start || end > start + 4 || end > limit) return false
      for (length = 0; start < end; start++) length = length * 256 + (bytes[start] ?? 0)
    }
    this.start = start
    this.end = start + length
    return this.end <= limit
  }

  /** The same, and whether it is of this kind. */
  is(tag: number, at: number, limit: number): boolean {
    return this.at(at, limit) && this.tag === tag
  }
}
