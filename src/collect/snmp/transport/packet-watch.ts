/** A datagram as it is on the wire. */
export interface SeenPacket {
  readonly sent: boolean
  /** The other side. */
  readonly address: string
  readonly port: number
  /** Valid during the call only. Holds the community. */
  readonly bytes: Uint8Array
}

/** Sees each datagram that is sent or comes, before anything is made of it. */
export type PacketWatch = (packet: SeenPacket) => void
