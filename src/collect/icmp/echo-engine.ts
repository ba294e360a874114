import type { SeenEcho } from '../burst-watch.ts'

/** An echo request and what became of it. */
export type EchoPacket = Omit<SeenEcho, 'probe' | 'address'>

/** What one address answered to its burst of echo requests. RFC 2681: a lost one has no round-trip time. */
export type EchoResult = (
  | { readonly kind: 'sent'; readonly rttsMs: readonly (number | null)[] }
  /** This host could not send; nothing is known about the other. */
  | { readonly kind: 'notSent'; readonly problem: string }
) & {
  /** Each packet, where they are watched and the engine tells them. */
  readonly packets?: readonly EchoPacket[]
}

export interface EchoSettings {
  /** Echo requests to each address. */
  readonly count: number
  /** How long each reply is waited for; a later one counts as lost. */
  readonly timeoutMs: number
  /** Time between two requests to one address. */
  readonly spacingMs: number
  /** Differentiated services code point of the requests (RFC 2474), 0..63. Default: 0. */
  readonly dscp?: number
  /** Bytes of data in a request, after the ICMP header. Default: 56, as everywhere. */
  readonly sizeBytes?: number
  /** Tells each packet, where the engine can. */
  readonly watched?: boolean
}

/** The octet of the IP header that carries a code point: it has the upper six bits. */
export const trafficClass = (dscp: number): number => dscp << 2

/** What is unusual about the requests, for people: `, DSCP 46, 1400 bytes`. */
export const describePackets = ({ dscp, sizeBytes }: EchoSettings): string =>
  (dscp ? `, DSCP ${dscp}` : '') + (sizeBytes === undefined || sizeBytes === 56 ? '' : `, ${sizeBytes} bytes`)

/** A program that sends ICMP echo requests for us. */
export interface EchoEngine {
  /** What runs and what it is allowed to do, for people. */
  readonly description: string
  /**
   * Sends a burst to each address, all distinct and valid, and calls `deliver` once for each. Resolves when all are
   * delivered, or earlier on abort; never rejects.
   */
  burst(
    addresses: readonly string[],
    deliver: (address: string, result: EchoResult) => void,
    signal: AbortSignal,
  ): Promise<void>
  close(): Promise<void>
}
