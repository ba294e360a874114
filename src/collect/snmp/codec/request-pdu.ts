import type { BerWriter } from './ber-writer.ts'
import type { OidRange } from './oid.ts'
import { pduTags, tags } from './tags.ts'

/** What is asked in one message. */
export interface RequestPdu {
  readonly type: (typeof pduTags)['get' | 'getNext' | 'getBulk']
  /** GETBULK only: names that are asked for once, and rows of the others. */
  readonly nonRepeaters?: number
  readonly maxRepetitions?: number
  readonly names: readonly OidRange[]
  /** It is asked poll after poll, so its bytes are worth keeping. Its names never change. */
  readonly keep?: true
}

/** Writes a PDU. Returns how far its request id stands from the end. */
export function writePdu(writer: BerWriter, pdu: RequestPdu, id: number): number {
  const from = writer.size
  for (let i = pdu.names.length - 1; i >= 0; i--) {
    const name = pdu.names[i]
    if (name !== undefined) writer.unspecified(name)
  }
  writer.wrap(tags.sequence, from)
  const isBulk = pdu.type === pduTags.getBulk
  writer.integer(isBulk ? (pdu.maxRepetitions ?? 0) : 0)
  writer.integer(isBulk ? (pdu.nonRepeaters ?? 0) : 0)
  writer.integer(id)
  const idAt = writer.size - 2
  writer.wrap(pdu.type, from)
  return idAt
}

/** A message of SNMPv1 or v2c that can be sent again under another id. */
export interface MessageTemplate {
  readonly bytes: Buffer
  /** Where the four bytes of the request id are. */
  readonly idAt: number
}

/** @param prelude version and community, as they stand in every message to one agent */
export function communityTemplate(
  writer: BerWriter,
  prelude: Uint8Array,
  pdu: RequestPdu,
  id: number,
): MessageTemplate {
  writer.clear()
  const idAt = writePdu(writer, pdu, id)
  writer.copy(prelude)
  writer.wrap(tags.sequence, 0)
  return { bytes: writer.take(), idAt: writer.size - idAt }
}

export function communityPrelude(writer: BerWriter, version: 0 | 1, community: Uint8Array): Uint8Array {
  writer.clear()
  writer.octets(community)
  writer.integer(version)
  return Uint8Array.from(writer.take())
}

/** The message under another id, in the same bytes. */
export function withId({ bytes, idAt }: MessageTemplate, id: number): Buffer {
  bytes.writeUInt32BE(id, idAt)
  return bytes
}
