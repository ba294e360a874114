import { BerField, noBytes } from './ber-field.ts'
import { tags } from './tags.ts'

/**
 * Walks a list of variable bindings without making anything of them: the place of the name and of the value of the
 * current one are in its fields.
 */
export class VarbindReader {
  bytes: Uint8Array = noBytes
  nameStart = 0
  nameEnd = 0
  tag = 0
  valueStart = 0
  valueEnd = 0
  readonly #field = new BerField()
  #at = 0
  #end = 0

  /** Begins at the first binding of the list. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.#field.bytes = bytes
    this.#at = start
    this.#end = end
  }

  get atEnd(): boolean {
    return this.#at >= this.#end
  }

  /** Moves to the next binding; false at the end of the list, or at one that is malformed. */
  next(): boolean {
    const { bytes } = this
    const at = this.#at
    // Nearly all are shorter than 128 bytes: then every length is one byte.
    const end = at + 2 + (bytes[at + 1] ?? 128)
    if (end <= this.#end && bytes[at] === tags.sequence && bytes[at + 2] === tags.oid) {
      const value = at + 4 + (bytes[at + 3] ?? 128)
      if (value + 2 + (bytes[value + 1] ?? 128) === end && end - at < 130) {
        this.nameStart = at + 4
        this.nameEnd = value
        this.tag = bytes[value] ?? 0
        this.valueStart = value + 2
        this.valueEnd = end
        this.#at = end
        return true
      }
    }
    return this.#nextLong()
  }

  #nextLong(): boolean {
    const field = this.#field
    if (this.#at >= this.#end) return false
    if (!field.is(tags.sequence, this.#at, this.#end)) return false
    const { end } = field
    if (!field.is(tags.oid, field.start, end)) return false
    this.nameStart = field.start
    this.nameEnd = field.end
    if (!field.at(field.end, end) || field.end !== end) return false
    this.tag = field.tag
    this.valueStart = field.start
    this.valueEnd = end
    this.#at = end
    return true
  }
}

/** How many bindings the list has; -1 when it is malformed anywhere, so that a walk of it would not reach its end. */
export function countVarbinds(reader: VarbindReader, bytes: Uint8Array, start: number, end: number): number {
  reader.begin(bytes, start, end)
  let count = 0
  while (reader.next()) {
    // An OID has at least one byte, and its last arc is complete.
    if (reader.nameStart === reader.nameEnd || (bytes[reader.nameEnd - 1] ?? 128) > 127) return -1
    count++
  }
  return reader.atEnd ? count : -1
}
