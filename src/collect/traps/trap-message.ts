import { BerReader, type Field, MalformedMessage, tags } from './ber-reader.ts'
import { field, unsigned } from './ber-writer.ts'

/** SNMPv1 (RFC 1157) and v2c (RFC 1901). */
export interface CommunityMessage {
  readonly version: '1' | '2c'
  readonly community: Buffer
  /** Stands at the PDU. */
  readonly pdu: BerReader
}

/** Who vouches for a v3 message, and when it was (RFC 3414 §2.4). */
export interface EngineTime {
  readonly id: Buffer
  readonly boots: number
  readonly seconds: number
}

/** SNMPv3 with the User-based Security Model (RFC 3412 §6, RFC 3414 §2.4). Nothing in it is verified yet. */
export interface UserMessage {
  readonly version: '3'
  readonly bytes: Buffer
  readonly id: number
  /** The sender wants to be told by a Report what is wrong with it; no trap does (RFC 3412 §6.4). */
  readonly reportable: boolean
  readonly authenticated: boolean
  readonly encrypted: boolean
  readonly engine: EngineTime
  readonly user: string
  /** Where the digest stands; it counts as zeros in its own computation. */
  readonly digest: Field
  readonly salt: Buffer
  /** The scoped PDU as it came, with its own tag and length; or what it is encrypted to. */
  readonly data: Buffer
}

export const flags = { authenticated: 1, encrypted: 2, reportable: 4 } as const
const userBasedModel = 3

/** What a datagram says it is. @throws MalformedMessage */
export function readMessage(bytes: Buffer): CommunityMessage | UserMessage {
  const message = new BerReader(bytes).into(tags.sequence)
  const version = message.integer()
  if (version === 0 || version === 1)
    return { version: version === 0 ? '1' : '2c', community: message.octets(), pdu: message }
  if (version !== 3) throw new MalformedMessage(`version ${version}`)

  const header = message.into(tags.sequence)
  const id = header.integer()
  header.integer()
  const flagByte = header.octets()[0] ?? 0
  if (header.integer() !== userBasedModel) throw new MalformedMessage('another security model')

  const security = message.into(tags.octetString).into(tags.sequence)
  const engine = { id: security.octets(), boots: security.integer(), seconds: security.integer() }
  const user = security.octets().toString()
  const digest = security.expect(tags.octetString)
  const salt = security.octets()
  if (engine.id.length > 32) throw new MalformedMessage('too long an engine id')
  for (const number of [engine.boots, engine.seconds])
    if (number < 0 || number > 0x7fff_ffff) throw new MalformedMessage('bad engine time')

  const encrypted = (flagByte & flags.encrypted) !== 0
  const from = message.field()
  if (from.tag !== (encrypted ? tags.octetString : tags.sequence)) throw new MalformedMessage('no scoped PDU')
  return {
    version: '3',
    bytes,
    id,
    reportable: (flagByte & flags.reportable) !== 0,
    authenticated: (flagByte & flags.authenticated) !== 0,
    encrypted,
    engine,
    user,
    digest,
    salt,
    data: bytes.subarray(encrypted ? from.start : from.at, from.end),
  }
}

/** What a scoped PDU holds (RFC 3412 §6.8). @throws MalformedMessage */
export function readScopedPdu(bytes: Buffer): {
  readonly context: readonly [engine: Buffer, name: Buffer]
  readonly pdu: BerReader
} {
  const scoped = new BerReader(bytes).into(tags.sequence)
  return { context: [scoped.octets(), scoped.octets()], pdu: scoped }
}

/** The answer of SNMPv2c to an inform (RFC 3416 §4.2.7): a Response with the same bindings. */
export const communityResponse = (message: CommunityMessage, pdu: Buffer): Buffer =>
  field(tags.sequence, unsigned(tags.integer, 1), field(tags.octetString, message.community), pdu)

/** A Response or Report PDU without an error. `bindings` is the content of the list. */
export const answerPdu = (tag: number, requestId: number, bindings: Buffer): Buffer =>
  field(
    tag,
    signed(requestId),
    unsigned(tags.integer, 0),
    unsigned(tags.integer, 0),
    field(tags.sequence, bindings),
  )

/** Request ids may be negative, and come back as they were. */
function signed(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return field(tags.integer, bytes)
}

/** A v3 message of ours, before its digest is put in. */
export function userMessage(message: {
  readonly id: number
  readonly flags: number
  readonly engine: EngineTime
  readonly user: string
  readonly digestLength: number
  readonly salt: Buffer
  readonly data: Buffer
}): Buffer {
  const { engine } = message
  const encrypted = (message.flags & flags.encrypted) !== 0
  return field(
    tags.sequence,
    unsigned(tags.integer, 3),
    field(
      tags.sequence,
      signed(message.id),
      unsigned(tags.integer, 65_507),
      field(tags.octetString, Buffer.from([message.flags])),
      unsigned(tags.integer, userBasedModel),
    ),
    field(
      tags.octetString,
      field(
        tags.sequence,
        field(tags.octetString, engine.id),
        unsigned(tags.integer, engine.boots),
        unsigned(tags.integer, engine.seconds),
        field(tags.octetString, Buffer.from(message.user)),
        field(tags.octetString, Buffer.alloc(message.digestLength)),
        field(tags.octetString, message.salt),
      ),
    ),
    encrypted ? field(tags.octetString, message.data) : message.data,
  )
}
