import { encodeOid, type OidRange } from './codec/oid.ts'

/** Columns of ifTable and ifXTable (IF-MIB, RFC 2863). */
const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'

const column = (entry: string, number: number): OidRange => {
  const bytes = encodeOid(`${entry}.${number}`)
  return { bytes, start: 0, end: bytes.length }
}

/** What seldom changes: read every few minutes, and whenever something shows that it did. */
export const staticColumns = {
  descr: column(ifEntry, 2),
  speed: column(ifEntry, 5),
  name: column(ifXEntry, 1),
  highSpeed: column(ifXEntry, 15),
  alias: column(ifXEntry, 18),
} as const

/**
 * What every poll reads, by name. The octet and packet counters come in two widths, of which an interface has one or
 * both.
 */
export const polledColumns = {
  adminStatus: column(ifEntry, 7),
  operStatus: column(ifEntry, 8),
  inDiscards: column(ifEntry, 13),
  inErrors: column(ifEntry, 14),
  outDiscards: column(ifEntry, 19),
  outErrors: column(ifEntry, 20),
  hcInOctets: column(ifXEntry, 6),
  hcInUnicast: column(ifXEntry, 7),
  hcInMulticast: column(ifXEntry, 8),
  hcInBroadcast: column(ifXEntry, 9),
  hcOutOctets: column(ifXEntry, 10),
  hcOutUnicast: column(ifXEntry, 11),
  hcOutMulticast: column(ifXEntry, 12),
  hcOutBroadcast: column(ifXEntry, 13),
  discontinuityTime: column(ifXEntry, 19),
  inOctets: column(ifEntry, 10),
  inUnicast: column(ifEntry, 11),
  inNonUnicast: column(ifEntry, 12),
  outOctets: column(ifEntry, 16),
  outUnicast: column(ifEntry, 17),
  outNonUnicast: column(ifEntry, 18),
  /** One of the two, to know each row by: an agent may give an ifIndex to another interface at any time. */
  name: staticColumns.name,
  descr: staticColumns.descr,
} as const

export type PolledColumn = keyof typeof polledColumns
