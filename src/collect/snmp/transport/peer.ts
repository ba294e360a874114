import type { RemoteInfo } from 'node:dgram'
import type { MessageReader } from '../codec/message-reader.ts'
import type { SnmpFailure } from '../snmp-failure.ts'
import { canonicalAddress } from './canonical-address.ts'
import type { Refusal } from './refusal.ts'
import type { RoundTrip } from './round-trip.ts'
import type { AgentSocket } from './udp-sockets.ts'

/**
 * What became of a message that is the answer to a request:
 * - `accepted`: its PDU is in the reader;
 * - `again`: it told us something (the engine, its time) with which the request is to be sent once more;
 * - a failure ends the request; a refusal drops the message, and the request lives on.
 */
export type Opened = 'accepted' | 'again' | SnmpFailure | Refusal

/** An agent, as the transport sees it. */
export interface Peer {
  readonly address: string
  readonly port: number
  /** Every address that it may answer from, spelt canonically. */
  readonly sources: readonly string[]
  readonly socket: AgentSocket | Error
  readonly roundTrip: RoundTrip
  /** How long an attempt waits at most, ms. */
  readonly timeoutMs: number
  /** Checks version and credentials of a message that bears an id of this peer's, and comes from its address. */
  open(message: MessageReader): Opened
  /** Something came and was dropped. `from` is `address:port`. */
  refused(reason: Refusal, from: string): void
  /** An attempt was not answered in time. */
  unanswered(): void
}

export function isFrom(peer: Peer, { address, port }: RemoteInfo): boolean {
  if (port !== peer.port) return false
  return peer.sources[0] === address || peer.sources.includes(canonicalAddress(address))
}
