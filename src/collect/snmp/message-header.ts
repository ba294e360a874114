/** What an SNMP message says before anything in it is believed. */
export interface MessageHeader {
  /** 0 is SNMPv1, 1 is v2c, 3 is v3. */
  readonly version: number
  /** v1 and v2c. */
  readonly community?: Uint8Array
  /** v3: bit 0 authenticated, bit 1 encrypted (RFC 3412 §6.4). */
  readonly flags?: number
  /** Tag of the PDU; absent when it is encrypted. */
  readonly pdu?: number
}

export const pduTags = { response: 0xa2, report: 0xa8 } as const

interface Field {
  readonly tag: number
  readonly start: number
  readonly end: number
}

/** The BER field at `at`, within `limit`; undefined when it is cut off or of indefinite length. */
function fieldAt(bytes: Uint8Array, at: number, limit: number): Field | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  let length = first
  let start = at + 2
  if (first & 0x80) {
    const size = first & 0x7f
    if (size < 1 || size > 4) return undefined
    length = 0
    for (; start < at + 2 + size; start++) length = length * 256 + (bytes[start] ?? 0)
  }
  const end = start + length
  return end <= limit ? { tag, start, end } : undefined
}

/** The fields in a row inside a constructed field, as many as `count`. */
function fieldsIn(bytes: Uint8Array, within: Field | undefined, count: number): readonly Field[] {
  const fields: Field[] = []
  for (let at = within?.start ?? 0; within !== undefined && fields.length < count && at < within.end; ) {
    const field = fieldAt(bytes, at, within.end)
    if (field === undefined) break
    fields.push(field)
    at = field.end
  }
  return fields
}

const integer = 0x02
const sequence = 0x30
const octetString = 0x04

/**
 * Reads the header of a message without decoding its values (RFC 1157 §4, RFC 3412 §6). Undefined for what is not
 * SNMP. The values are left to the library.
 */
export function messageHeader(bytes: Uint8Array): MessageHeader | undefined {
  const whole = fieldAt(bytes, 0, bytes.length)
  if (whole?.tag !== sequence) return undefined
  const [version, second, third, fourth] = fieldsIn(bytes, whole, 4)
  if (version?.tag !== integer || version.end - version.start !== 1 || !second || !third) return undefined
  const number = bytes[version.start]
  if (number === 0 || number === 1) {
    if (second.tag !== octetString) return undefined
    return { version: number, community: bytes.subarray(second.start, second.end), pdu: third.tag }
  }
  if (number !== 3 || second.tag !== sequence || !fourth) return undefined
  const flagsField = fieldsIn(bytes, second, 4)[2]
  const flags = flagsField?.tag === octetString ? bytes[flagsField.start] : undefined
  if (flags === undefined) return undefined
  if (fourth.tag !== sequence) return { version: number, flags }
  const pdu = fieldsIn(bytes, fourth, 3)[2]?.tag
  return { version: number, flags, ...(pdu === undefined ? {} : { pdu }) }
}
