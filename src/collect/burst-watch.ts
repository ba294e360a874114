/** A packet of a burst and what became of it, as far as its sender tells. Times are UTC epoch milliseconds with decimals. */
interface SeenBurstPacket {
  readonly address: string
  /** `unknown`: this host had no room for answers meanwhile. */
  readonly fate: 'answered' | 'lost' | 'notSent' | 'unknown'
  /** Why it was not sent. */
  readonly problem?: string
  readonly sequence?: number
  readonly sentAt?: number
  readonly rttMs?: number
  /** Hops that the answer had left when it came. */
  readonly ttl?: number
}

export interface SeenEcho extends SeenBurstPacket {
  readonly probe: 'icmp'
  readonly identifier?: number
}

/** The four times of RFC 8762 are `sentAt`, the reflector's two, and `answeredAt`. */
export interface SeenStamp extends SeenBurstPacket {
  readonly probe: 'stamp'
  readonly port: number
  /** By the clock of the reflector. Absent where it does not tell. */
  readonly reachedAt?: number
  readonly reflectedAt?: number
  readonly answeredAt?: number
  /** One-way delays, ms: each is off by what the two clocks differ. */
  readonly forwardMs?: number
  readonly backwardMs?: number
  readonly reflectorSequence?: number
  /** Hops that the packet had left when it reached the reflector. */
  readonly ttlThere?: number
}

/** Sees each packet of a burst once its fate is known, in the order of sending. */
export type BurstWatch = (packet: SeenEcho | SeenStamp) => void
