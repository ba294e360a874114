import type { InterfaceStatus } from './interface.ts'
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
  /** SNMPv3 with a right digest, within the time window, of the engine that the element is polled at: evidence by itself. */
  readonly authenticated: boolean
  /** sysUpTime when it was sent, hundredths of a second; wraps after 497 days. */
  readonly upTimeTicks?: number
  /** Where the packet came from, which need not be the element's own address. */
  readonly source: string
  /** linkDown and linkUp: the interface, as far as the trap names it. The name is hostile text. */
  readonly interfaceIndex?: number
  readonly interfaceName?: string
  /** What it says of the interface. In a linkDown, operStatus is the state that is about to be left (RFC 2863). */
  readonly adminStatus?: InterfaceStatus
  readonly operStatus?: InterfaceStatus
}
