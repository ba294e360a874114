import type { SnmpAccess } from '../../model/target.ts'

/** What an element tells of one neighbour (LLDP, CDP). Hostile text. */
export interface SeenNeighbour {
  readonly protocol: 'lldp' | 'cdp'
  /** The own port, by its interface name where it has one. */
  readonly localPort: string
  readonly system: string
  /** Its port, in whatever way it was set up to call it. */
  readonly port: string
  /** LLDP only: subtype and bytes, equal to what the neighbour tells of itself. */
  readonly chassis?: string
  /** Management addresses, as told; they need not be reachable from here, nor be its own. */
  readonly addresses: readonly string[]
}

export interface SeenPort {
  readonly index: number
  readonly name: string
  readonly description: string
  readonly alias: string
}

/** What an element tells of itself. Hostile text. */
export interface SeenElement {
  readonly name: string
  readonly description: string
  readonly objectId: string
  readonly chassis?: string
  readonly ports: readonly SeenPort[]
  readonly neighbours: readonly SeenNeighbour[]
}

export type NeighbourRead =
  | { readonly outcome: 'answered'; readonly element: SeenElement }
  | { readonly outcome: 'silent' | 'refused'; readonly problem: string }

/** Asks one agent who it is and whom it sees. A failure is a value; it never rejects. */
export interface NeighbourReader {
  read(address: string, access: SnmpAccess, signal: AbortSignal): Promise<NeighbourRead>
}

/** One that holds sockets. */
export interface OpenNeighbourReader extends NeighbourReader {
  close(): Promise<void>
}
