import type { MessageReader } from './codec/message-reader.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import type { Opened } from './transport/peer.ts'
import type { EngineMemo } from './usm/engine.ts'

/** How messages to one agent are written, and what its answers must be like. */
export interface MessageSecurity {
  /** What must be done before the first message; undefined when nothing. */
  prepare(): Promise<unknown> | undefined
  /** A datagram. The next call may use its bytes again. Throws SnmpFailure for what this host cannot do. */
  message(pdu: RequestPdu, id: number): Uint8Array
  /** Checks an answer to that, and reads its PDU. */
  open(message: MessageReader): Opened
  /** An attempt was not answered. */
  unanswered(): void
  /** Forgets what may be why the agent is silent. */
  reset(): void
  /** SNMPv3: what is known of the engine now; undefined before it is found. */
  engine(): EngineMemo | undefined
}
