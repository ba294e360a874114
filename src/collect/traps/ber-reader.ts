/** A message that is not what BER and the RFCs allow. It stays within this folder: the receiver counts it. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** One BER field: `at` is where its tag is, `start` and `end` bound its content, all within the datagram. */
export interface Field {
  readonly tag: number
  readonly at: number
  readonly start: number
  readonly end: number
}

/** The tags that traps are made of (X.690, RFC 1157, RFC 2578, RFC 3416). */
export const tags = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  timeTicks: 0x43,
  getRequest: 0xa0,
  response: 0xa2,
  trapV1: 0xa4,
  inform: 0xa6,
  trapV2: 0xa7,
  report: 0xa8,
} as const

/** RFC 2578 §3.5: at most 128 numbers, each at most 2^32 - 1. */
const mostArcs = 128
const largestArc = 0xffff_ffff

/**
 * Reads fields of definite length in a row, as SNMP uses them, and believes no length that the datagram does not hold.
 * Every method throws MalformedMessage for what is not there.
 */
export class BerReader {
  readonly bytes: Buffer
  #at: number
  readonly #end: number

  constructor(bytes: Buffer, within: Pick<Field, 'start' | 'end'> = { start: 0, end: bytes.length }) {
    this.bytes = bytes
    this.#at = within.start
    this.#end = within.end
  }

  get atEnd(): boolean {
    return this.#at >= this.#end
  }

  /** The next field, whatever it is. */
  field(): Field {
    const { bytes } = this
    const tag = bytes[this.#at]
    const first = bytes[this.#at + 1]
    if (tag === undefined || first === undefined || this.#at + 2 > this.#end)
      throw new MalformedMessage('cut off')
    let start = this.#at + 2
    let length = first
    if (first & 0x80) {
      const size = first & 0x7f
      if (size < 1 || size > 4 || start + size > this.#end) throw new MalformedMessage('bad length')
      length = bytes.readUIntBE(start, size)
      start += size
    }
    const end = start + length
    if (end > this.#end) throw new MalformedMessage('longer than the message')
    const at = this.#at
    this.#at = end
    return { tag, at, start, end }
  }

  expect(tag: number): Field {
    const field = this.field()
    if (field.tag !== tag) throw new MalformedMessage(`field ${field.tag} in place of ${tag}`)
    return field
  }

  /** Goes into a field that holds fields. */
  into(tag: number): BerReader {
    return new BerReader(this.bytes, this.expect(tag))
  }

  /** A view, no copy. */
  octets(tag: number = tags.octetString): Buffer {
    const { start, end } = this.expect(tag)
    return this.bytes.subarray(start, end)
  }

  /** An INTEGER, or one of the unsigned types: exact within 48 bits, more is refused. */
  integer(tag: number = tags.integer): number {
    return integerIn(this.bytes, this.expect(tag))
  }

  oid(): string {
    return oidIn(this.bytes, this.expect(tags.oid))
  }
}

export function integerIn(bytes: Buffer, { start, end }: Field): number {
  const length = end - start
  if (length < 1 || length > 6) throw new MalformedMessage('bad integer')
  return bytes.readIntBE(start, length)
}

export function oidIn(bytes: Buffer, { start, end }: Field): string {
  const arcs: number[] = []
  let arc = 0
  if (start === end || (bytes[end - 1] ?? 0) & 0x80) throw new MalformedMessage('bad object identifier')
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    arc = arc * 128 + (byte & 0x7f)
    if (arc > largestArc) throw new MalformedMessage('too large a number in an object identifier')
    if (byte & 0x80) continue
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(arc / 40))
      arcs.push(root, arc - 40 * root)
    } else arcs.push(arc)
    if (arcs.length > mostArcs) throw new MalformedMessage('too long an object identifier')
    arc = 0
  }
  return arcs.join('.')
}
