import type { ElementId } from './network-element.ts'

/** What the traps that are understood say (SNMPv2-MIB, IF-MIB, BGP4-MIB, LLDP-MIB). `other` is everything else. */
export const trapKinds = [
  'linkDown',
  'linkUp',
  'coldStart',
  'warmStart',
  'bgpEstablished',
  'bgpBackward',
  'authenticationFailure',
  'lldpChange',
  'other',
] as const
export type TrapKind = (typeof trapKinds)[number]

/**
 * A notification of an element, a trap or an inform. It is a hint: anyone can write it, except where `authenticated`
 * says otherwise.
 */
export interface Trap {
  readonly element: ElementId
  /** When it came, UTC epoch milliseconds. */
  readonly at: number
  readonly kind: TrapKind
  /** snmpTrapOID; that of an SNMPv1 trap as RFC 3584 §3.1 makes it. */
  readonly oid: string
  readonly version: '1' | '2c' | '3'
  /** It was acknowledged. */
  readonly inform: boolean
  /** SNMPv3 with a right digest, within the time window: evidence by itself. */
  readonly authenticated: boolean
  /** Where the packet came from, which need not be the element's own address. */
  readonly source: string
  /** linkDown and linkUp: the interface, as far as the trap names it. The name is hostile text. */
  readonly interfaceIndex?: number
  readonly interfaceName?: string
}
