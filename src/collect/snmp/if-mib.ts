/** Columns of ifTable and ifXTable (IF-MIB, RFC 2863). */
const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'

/** What every poll reads. */
export const ifMib = {
  descr: `${ifEntry}.2`,
  speed: `${ifEntry}.5`,
  adminStatus: `${ifEntry}.7`,
  operStatus: `${ifEntry}.8`,
  inDiscards: `${ifEntry}.13`,
  inErrors: `${ifEntry}.14`,
  outDiscards: `${ifEntry}.19`,
  outErrors: `${ifEntry}.20`,
  name: `${ifXEntry}.1`,
  hcInOctets: `${ifXEntry}.6`,
  hcInUnicast: `${ifXEntry}.7`,
  hcInMulticast: `${ifXEntry}.8`,
  hcInBroadcast: `${ifXEntry}.9`,
  hcOutOctets: `${ifXEntry}.10`,
  hcOutUnicast: `${ifXEntry}.11`,
  hcOutMulticast: `${ifXEntry}.12`,
  hcOutBroadcast: `${ifXEntry}.13`,
  highSpeed: `${ifXEntry}.15`,
  alias: `${ifXEntry}.18`,
  discontinuityTime: `${ifXEntry}.19`,
} as const

/** What is read besides when an interface has no 64-bit octet counters. */
export const ifMib32 = {
  inOctets: `${ifEntry}.10`,
  inUnicast: `${ifEntry}.11`,
  inNonUnicast: `${ifEntry}.12`,
  outOctets: `${ifEntry}.16`,
  outUnicast: `${ifEntry}.17`,
  outNonUnicast: `${ifEntry}.18`,
} as const
