import type { NtpTime } from './ntp-time.ts'

/** Both packets of the unauthenticated mode have this size, so that the way there and back carry the same load. */
export const packetBytes = 44

/** Where the fields of an answer are (RFC 8762 §4.3.1); the sender's own packet begins like an answer does. */
export const answerLayout = {
  sequence: 0,
  timestamp: 4,
  errorEstimate: 12,
  receivedAt: 16,
  senderSequence: 24,
  senderTimestamp: 28,
} as const

/** What a Session-Sender transmits (RFC 8762 §4.2.1). */
export interface SenderPacket {
  /** 0..2^32-1, one more each packet of a session. */
  readonly sequence: number
  readonly timestamp: NtpTime
  /** S, Z, scale and multiplier (RFC 4656 §4.1.2); Z says that timestamps are in PTPv2 format. */
  readonly errorEstimate: number
}

/** What a Session-Reflector answers (RFC 8762 §4.3.1). */
export interface ReflectorPacket {
  /** Stateless reflectors copy the sender's; stateful ones count their own packets. */
  readonly sequence: number
  /** When it was transmitted, and when the sender's packet was received. */
  readonly timestamp: NtpTime
  readonly errorEstimate: number
  readonly receivedAt: NtpTime
  readonly sender: SenderPacket
  /** TTL or hop limit with which the sender's packet came in; 0 where the reflector cannot tell. */
  readonly senderTtl: number
}

/** Not synchronised to UTC, NTP format, and good to 2^22 / 2^32 s, about a millisecond. */
export const ownErrorEstimate = 0x16_01

/** Whether the timestamps that go with an error estimate count nanoseconds in their lower half (PTPv2). */
export const inNanoseconds = (errorEstimate: number): boolean => (errorEstimate & 0x40_00) !== 0

function writeSender(packet: SenderPacket, into: Buffer, offset: number): void {
  into.writeUInt32BE(packet.sequence, offset)
  into.writeBigUInt64BE(packet.timestamp, offset + 4)
  into.writeUInt16BE(packet.errorEstimate, offset + 12)
}

const readSender = (bytes: Buffer, offset: number): SenderPacket => ({
  sequence: bytes.readUInt32BE(offset),
  timestamp: bytes.readBigUInt64BE(offset + 4),
  errorEstimate: bytes.readUInt16BE(offset + 12),
})

export function encodeSenderPacket(packet: SenderPacket): Buffer {
  // From the pool: thousands a second of memory of their own would cost more than the sending.
  const bytes = Buffer.allocUnsafe(packetBytes).fill(0, 14)
  writeSender(packet, bytes, 0)
  return bytes
}

/** Undefined when it is too short. Longer ones may carry extensions (RFC 8972) after the part that is read. */
export function decodeSenderPacket(bytes: Buffer): SenderPacket | undefined {
  return bytes.length < packetBytes ? undefined : readSender(bytes, 0)
}

export function encodeReflectorPacket(packet: ReflectorPacket): Buffer {
  const bytes = Buffer.alloc(packetBytes)
  writeSender(packet, bytes, 0)
  bytes.writeBigUInt64BE(packet.receivedAt, 16)
  writeSender(packet.sender, bytes, 24)
  bytes.writeUInt8(packet.senderTtl, 40)
  return bytes
}

/** Undefined when it is too short. */
export function decodeReflectorPacket(bytes: Buffer): ReflectorPacket | undefined {
  if (bytes.length < packetBytes) return undefined
  return {
    ...readSender(bytes, 0),
    receivedAt: bytes.readBigUInt64BE(16),
    sender: readSender(bytes, 24),
    senderTtl: bytes.readUInt8(40),
  }
}
