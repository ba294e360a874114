import { timingSafeEqual } from 'node:crypto'
import { type BerReader, MalformedMessage, tags } from './ber-reader.ts'
import { field } from './ber-writer.ts'
import {
  answerPdu,
  type CommunityMessage,
  communityResponse,
  type EngineTime,
  readMessage,
  readScopedPdu,
  type UserMessage,
} from './trap-message.ts'
import { readTrapPdu, type TrapPdu } from './trap-pdu.ts'
import { createTrapUsers, type TrapUser, type UserRefusal } from './trap-users.ts'

export type TrapRefusal = 'malformed' | 'wrong-community' | UserRefusal

/** What became of a datagram, and what is to be sent back: an acknowledgement or a report. */
export type TrapRead = { readonly reply?: Buffer } & (
  | {
      readonly outcome: 'read'
      readonly version: '1' | '2c' | '3'
      readonly pdu: TrapPdu
      readonly authenticated: boolean
      readonly signedBy?: EngineTime
    }
  | { readonly outcome: TrapRefusal }
)

export interface TrapReaderSettings {
  /** That SNMPv1 and v2c traps may carry. */
  readonly communities: readonly string[]
  readonly users: readonly TrapUser[]
  /** Our own snmpEngineID, 5 to 32 bytes: always the same, since informs are encrypted for it. */
  readonly engineId: Buffer
}

/** Reads traps and informs, and writes what is sent back. Throws for nothing that a network may send. */
export function createTrapReader({ communities, users, engineId }: TrapReaderSettings) {
  const allowed = communities.map((community) => Buffer.from(community))
  const security = createTrapUsers(users, engineId)

  function readCommunity(message: CommunityMessage): TrapRead {
    const { version, community } = message
    const known = allowed.some((one) => one.length === community.length && timingSafeEqual(one, community))
    if (!known) return { outcome: 'wrong-community' }
    const pdu = readTrapPdu(message.pdu)
    if ((version === '1') !== (pdu.type === 'trapV1')) return { outcome: 'malformed' }
    const read = { outcome: 'read', version, pdu, authenticated: false } as const
    return pdu.type === 'inform' ? { ...read, reply: communityResponse(message, acknowledgement(pdu)) } : read
  }

  function readUser(message: UserMessage, now: number): TrapRead {
    const verdict = security.receive(message, now)
    if (verdict.outcome !== 'read') {
      const { outcome, report } = verdict
      return report === undefined ? { outcome } : { outcome, reply: report }
    }
    const { context, pdu: reader } = readScopedPdu(verdict.scoped)
    const pdu = readV3Pdu(reader)
    const { authenticated, signedBy } = verdict
    const by = signedBy === undefined ? {} : { signedBy }
    const read = { outcome: 'read', version: '3', pdu, authenticated, ...by } as const
    if (pdu.type !== 'inform') return read
    const [engine, name] = context.map((part) => field(tags.octetString, part))
    const scoped = field(
      tags.sequence,
      engine ?? Buffer.alloc(0),
      name ?? Buffer.alloc(0),
      acknowledgement(pdu),
    )
    return { ...read, reply: verdict.answer(scoped) }
  }

  return {
    read(bytes: Buffer, now: number): TrapRead {
      try {
        const message = readMessage(bytes)
        return message.version === '3' ? readUser(message, now) : readCommunity(message)
      } catch (error) {
        if (error instanceof MalformedMessage) return { outcome: 'malformed' }
        throw error
      }
    },
  }
}

const acknowledgement = ({ requestId, bindings }: TrapPdu): Buffer =>
  answerPdu(tags.response, requestId, bindings)

function readV3Pdu(reader: BerReader): TrapPdu {
  const pdu = readTrapPdu(reader)
  if (pdu.type === 'trapV1') throw new MalformedMessage('an SNMPv1 trap in SNMPv3')
  return pdu
}
