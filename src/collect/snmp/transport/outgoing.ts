/** No request is longer than a few hundred bytes; one that is gets memory of its own. */
const size = 2_048

/**
 * Where datagrams lie while they are handed to the system. Node keeps all that belongs to a sending until the next major
 * garbage collection, so that is to be little: the same memory and the same views, again and again.
 */
export class Outgoing {
  #bytes = Buffer.allocUnsafeSlow(size)
  /** By length. */
  #views: (Buffer | undefined)[] = []

  /** A copy, valid until the next one is made. */
  of(message: Uint8Array): Buffer {
    const { length } = message
    if (length > size) return Buffer.from(message)
    this.#bytes.set(message)
    const view = this.#views[length] ?? this.#bytes.subarray(0, length)
    this.#views[length] = view
    return view
  }

  /** The system has not taken the last one yet: it is left as it is. */
  leave(): void {
    this.#bytes = Buffer.allocUnsafeSlow(size)
    this.#views = []
  }
}
