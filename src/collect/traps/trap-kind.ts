import type { TrapKind } from '../../model/trap.ts'

const snmpTraps = '1.3.6.1.6.3.1.1.5'
const bgp = '1.3.6.1.2.1.15'

/**
 * By snmpTrapOID. BGP has two numberings: BGP4-MIB of RFC 4273 (and RFC 1269 in SNMPv1), and that of RFC 1657, whose
 * SNMPv1 form gets another 0 by RFC 3584 §3.1. LLDP: LLDP-MIB and LLDP-V2-MIB (IEEE 802.1AB).
 */
const kinds: ReadonlyMap<string, TrapKind> = new Map<string, TrapKind>([
  [`${snmpTraps}.1`, 'coldStart'],
  [`${snmpTraps}.2`, 'warmStart'],
  [`${snmpTraps}.3`, 'linkDown'],
  [`${snmpTraps}.4`, 'linkUp'],
  [`${snmpTraps}.5`, 'authenticationFailure'],
  [`${bgp}.0.1`, 'bgpEstablished'],
  [`${bgp}.0.2`, 'bgpBackward'],
  [`${bgp}.7.1`, 'bgpEstablished'],
  [`${bgp}.7.2`, 'bgpBackward'],
  [`${bgp}.7.0.1`, 'bgpEstablished'],
  [`${bgp}.7.0.2`, 'bgpBackward'],
  ['1.0.8802.1.1.2.0.0.1', 'lldpChange'],
  ['1.3.111.2.802.1.1.13.0.0.1', 'lldpChange'],
])

export const trapKind = (oid: string): TrapKind => kinds.get(oid) ?? 'other'

/** Generic traps of SNMPv1 have fixed object identifiers; others are made from the enterprise (RFC 3584 §3.1). */
export const trapOidOfV1 = (enterprise: string, generic: number, specific: number): string =>
  generic >= 0 && generic <= 5 ? `${snmpTraps}.${generic + 1}` : `${enterprise}.0.${specific}`
