import { BerField, noBytes } from './ber-field.ts'
import { signedAt } from './ber-number.ts'
import { tags } from './tags.ts'
import { countVarbinds, VarbindReader } from './varbind-reader.ts'

/**
 * Reads what stands before the values of a message, and whether all of it holds together. One object serves all
 * messages; what it says is of the last. Nothing it is given makes it throw.
 */
export class MessageReader {
  bytes: Uint8Array = noBytes
  /** 0 is SNMPv1, 1 is v2c, 3 is v3. */
  version = 0
  /** Request id, or msgID of v3: what tells which request this answers. */
  id = 0

  // v1 and v2c.
  communityStart = 0
  communityEnd = 0

  // v3 (RFC 3412 §6).
  /** Bit 0 authenticated, bit 1 encrypted. */
  flags = 0
  securityStart = 0
  securityEnd = 0
  /** The scoped PDU, its tag included; or its cipher text, which has none. */
  dataStart = 0
  dataEnd = 0

  // The PDU, once it is read.
  pdu = 0
  requestId = 0
  errorStatus = 0
  errorIndex = 0
  /** The bindings: where they are, and how many. */
  start = 0
  end = 0
  count = 0

  readonly #field = new BerField()
  readonly #varbinds = new VarbindReader()

  /** Stands before the first binding. There is one reader for all messages: it is used again for the next. */
  varbinds(): VarbindReader {
    this.#varbinds.begin(this.bytes, this.start, this.end)
    return this.#varbinds
  }

  /** Reads a message up to its PDU, or for v3 up to its scoped PDU. False for what is no SNMP. */
  read(bytes: Uint8Array): boolean {
    const field = this.#field
    this.bytes = bytes
    field.bytes = bytes
    if (!field.is(tags.sequence, 0, bytes.length)) return false
    const { end } = field
    if (!field.is(tags.integer, field.start, end)) return false
    this.version = signedAt(bytes, field.start, field.end)
    if (this.version === 3) return this.#readV3(field.end, end)
    if (this.version !== 0 && this.version !== 1) return false
    if (!field.is(tags.octetString, field.end, end)) return false
    this.communityStart = field.start
    this.communityEnd = field.end
    if (!this.readPdu(bytes, field.end, end)) return false
    this.id = this.requestId
    return true
  }

  /** Reads the PDU at `at`, with the whole of its list. */
  readPdu(bytes: Uint8Array, at: number, limit: number): boolean {
    const field = this.#field
    field.bytes = bytes
    if (!field.at(at, limit)) return false
    this.pdu = field.tag
    const { end } = field
    if (!field.is(tags.integer, field.start, end)) return false
    this.requestId = signedAt(bytes, field.start, field.end)
    if (!field.is(tags.integer, field.end, end)) return false
    this.errorStatus = signedAt(bytes, field.start, field.end)
    if (!field.is(tags.integer, field.end, end)) return false
    this.errorIndex = signedAt(bytes, field.start, field.end)
    if (!field.is(tags.sequence, field.end, end)) return false
    this.bytes = bytes
    this.start = field.start
    this.end = field.end
    this.count = countVarbinds(this.#varbinds, bytes, field.start, field.end)
    return this.count >= 0 && !Number.isNaN(this.requestId) && this.errorStatus >= 0
  }

  /** Reads a scoped PDU in the clear (RFC 3412 §6.8): engine, context, PDU. */
  readScopedPdu(bytes: Uint8Array, at: number, limit: number): boolean {
    const field = this.#field
    field.bytes = bytes
    if (!field.is(tags.sequence, at, limit)) return false
    const { end } = field
    if (!field.is(tags.octetString, field.start, end)) return false
    if (!field.is(tags.octetString, field.end, end)) return false
    return this.readPdu(bytes, field.end, end)
  }

  #readV3(at: number, end: number): boolean {
    const field = this.#field
    const { bytes } = this
    if (!field.is(tags.sequence, at, end)) return false
    const globalEnd = field.end
    if (!field.is(tags.integer, field.start, globalEnd)) return false
    this.id = signedAt(bytes, field.start, field.end)
    if (!field.is(tags.integer, field.end, globalEnd)) return false
    if (!field.is(tags.octetString, field.end, globalEnd) || field.end !== field.start + 1) return false
    this.flags = bytes[field.start] ?? 0
    if (!field.is(tags.integer, field.end, globalEnd)) return false
    // Security model 3 is USM; there is no other in use.
    if (signedAt(bytes, field.start, field.end) !== 3) return false
    if (!field.is(tags.octetString, globalEnd, end)) return false
    this.securityStart = field.start
    this.securityEnd = field.end
    if (!field.at(field.end, end)) return false
    const isEncrypted = (this.flags & 2) !== 0
    this.dataStart = isEncrypted ? field.start : this.securityEnd
    this.dataEnd = field.end
    return isEncrypted === (field.tag === tags.octetString) && !Number.isNaN(this.id)
  }
}
