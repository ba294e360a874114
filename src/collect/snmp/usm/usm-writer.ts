import type { BerWriter } from '../codec/ber-writer.ts'
import { type RequestPdu, writePdu } from '../codec/request-pdu.ts'
import { tags } from '../codec/tags.ts'

export const authFlag = 1
export const privFlag = 2
/** We can be sent a Report. */
const reportable = 4
/** The largest message that we take (RFC 3412 §6.3): what fits a datagram. */
const mostBytes = 65_507
const userSecurityModel = 3

export interface V3Message {
  readonly id: number
  readonly flags: number
  readonly engineId: Uint8Array
  readonly boots: number
  readonly time: number
  readonly user: Uint8Array
  /** Bytes of digest, zero without authentication. */
  readonly digest: number
}

const nothing = new Uint8Array()

/** The scoped PDU in the clear (RFC 3412 §6.8). The context is the engine's own, the default one. */
export function scopedPdu(writer: BerWriter, engineId: Uint8Array, pdu: RequestPdu, id: number): Buffer {
  writer.clear()
  writePdu(writer, pdu, id)
  writer.octets(nothing)
  writer.octets(engineId)
  writer.wrap(tags.sequence, 0)
  return writer.take()
}

/**
 * A whole message (RFC 3412 §6, RFC 3414 §2.4). `data` is the scoped PDU, or with a salt its cipher text. The digest is
 * zeros, to be filled in at `digestAt`.
 */
export function v3Message(
  writer: BerWriter,
  message: V3Message,
  data: Uint8Array,
  salt: Uint8Array | undefined,
): { readonly bytes: Buffer; readonly digestAt: number } {
  writer.clear()
  if (salt === undefined) writer.copy(data)
  else writer.octets(data)
  let from = writer.size
  writer.octets(salt ?? nothing)
  writer.octets(new Uint8Array(message.digest))
  const fromEnd = writer.size - (message.digest > 127 ? 3 : 2)
  writer.octets(message.user)
  writer.integer(message.time)
  writer.integer(message.boots)
  writer.octets(message.engineId)
  writer.wrap(tags.sequence, from)
  writer.wrap(tags.octetString, from)
  from = writer.size
  writer.integer(userSecurityModel)
  writer.octets(Uint8Array.of(message.flags | reportable))
  writer.integer(mostBytes)
  writer.integer(message.id)
  writer.wrap(tags.sequence, from)
  writer.integer(3)
  writer.wrap(tags.sequence, 0)
  const bytes = writer.take()
  return { bytes, digestAt: bytes.length - fromEnd }
}
