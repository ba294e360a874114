import type { InterfaceName } from '../model/interface.ts'
import { octetsAPacket, type PortTotals } from './demo-traffic.ts'
import { type Instance, type MibValue, type Oid, oidOf } from './mib-view.ts'

/** A port as the agent tells of it. */
export interface PortState {
  readonly name: InterfaceName
  readonly alias: string
  readonly speedBps: number
  readonly adminUp: boolean
  readonly operUp: boolean
  /** sysUpTime in hundredths of a second when `operUp` last changed. */
  readonly changedTicks: number
  readonly totals: PortTotals
  /** Whom LLDP hears there. */
  readonly neighbour?: { readonly system: string; readonly port: InterfaceName }
}

export interface ElementState {
  /** sysName: the identity of the element, by which LLDP neighbours are matched. */
  readonly name: string
  readonly description: string
  readonly location: string
  readonly upTimeTicks: number
  readonly engineBoots: number
  readonly ports: readonly PortState[]
}

const ethernet = 6
const up = 1
const down = 2
/** LldpPortIdSubtype interfaceName and LldpChassisIdSubtype local (IEEE 802.1AB). */
const interfaceNameSubtype = 5
const localSubtype = 7
/** An enterprise number for examples (RFC 5612). */
const productId = '1.3.6.1.4.1.32473.1.7'

const integer = (value: number): MibValue => ({ type: 'Integer', value })
const text = (value: string): MibValue => ({ type: 'OctetString', value })
const gauge = (value: number): MibValue => ({ type: 'Gauge', value: Math.min(value, 0xffff_ffff) })
const ticks = (value: number): MibValue => ({ type: 'TimeTicks', value: Math.floor(value) % 2 ** 32 })
const counter32 = (value: number): MibValue => ({ type: 'Counter', value: Math.floor(value) % 2 ** 32 })
const counter64 = (value: number): MibValue => ({ type: 'Counter64', value: BigInt(Math.floor(value)) })

const system = oidOf('1.3.6.1.2.1.1')
const ifNumber = oidOf('1.3.6.1.2.1.2.1.0')
const ifEntry = oidOf('1.3.6.1.2.1.2.2.1')
const ifXEntry = oidOf('1.3.6.1.2.1.31.1.1.1')
const snmpEngine = oidOf('1.3.6.1.6.3.10.2.1')
const lldpLocalSystem = oidOf('1.0.8802.1.1.2.1.3')
const lldpLocPortEntry = oidOf('1.0.8802.1.1.2.1.3.7.1')
const lldpRemEntry = oidOf('1.0.8802.1.1.2.1.4.1.1')

/**
 * Everything that the agent of an element has to say at one moment: SNMPv2-MIB system, IF-MIB ifTable and ifXTable
 * (RFC 2863), snmpEngineBoots, and LLDP-MIB (IEEE 802.1AB) local and remote tables.
 */
export function elementMib(element: ElementState): readonly Instance[] {
  const instances: Instance[] = []
  const put = (base: Oid, suffix: readonly number[], value: MibValue) =>
    instances.push({ oid: [...base, ...suffix], ...value })
  const columns = (entry: Oid, index: readonly number[], values: Readonly<Record<number, MibValue>>) => {
    for (const [column, value] of Object.entries(values)) put(entry, [Number(column), ...index], value)
  }

  columns(system, [0], {
    1: text(element.description),
    2: { type: 'OID', value: productId },
    3: ticks(element.upTimeTicks),
    4: text('noc@example.net'),
    5: text(element.name),
    6: text(element.location),
    7: integer(6),
  })
  put(snmpEngine, [2, 0], integer(element.engineBoots))
  put(snmpEngine, [3, 0], integer(Math.floor(element.upTimeTicks / 100)))
  put(ifNumber, [], integer(element.ports.length))
  columns(lldpLocalSystem, [0], { 1: integer(localSubtype), 2: text(element.name), 3: text(element.name) })

  element.ports.forEach((port, i) => {
    const index = [i + 1]
    columns(ifEntry, index, ifColumns(port, i + 1))
    columns(ifXEntry, index, ifXColumns(port))
    columns(lldpLocPortEntry, index, {
      2: integer(interfaceNameSubtype),
      3: text(port.name),
      4: text(port.alias),
    })
    if (port.neighbour === undefined) return
    // Index: lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex.
    columns(lldpRemEntry, [0, i + 1, 1], {
      4: integer(localSubtype),
      5: text(port.neighbour.system),
      6: integer(interfaceNameSubtype),
      7: text(port.neighbour.port),
      8: text(''),
      9: text(port.neighbour.system),
      10: text('Faultline demo element'),
    })
  })
  return instances
}

const packets = (octets: number) => octets / octetsAPacket

const ifColumns = (port: PortState, index: number): Readonly<Record<number, MibValue>> => ({
  1: integer(index),
  2: text(`Demo Ethernet ${index}`),
  3: integer(ethernet),
  4: integer(1_500),
  5: gauge(port.speedBps),
  7: integer(port.adminUp ? up : down),
  8: integer(port.operUp ? up : down),
  9: ticks(port.changedTicks),
  10: counter32(port.totals.inOctets),
  11: counter32(packets(port.totals.inOctets)),
  13: counter32(0),
  14: counter32(port.totals.inErrors),
  16: counter32(port.totals.outOctets),
  17: counter32(packets(port.totals.outOctets)),
  19: counter32(port.totals.outDiscards),
  20: counter32(0),
})

const ifXColumns = (port: PortState): Readonly<Record<number, MibValue>> => ({
  1: text(port.name),
  2: counter32(0),
  3: counter32(0),
  4: counter32(0),
  5: counter32(0),
  6: counter64(port.totals.inOctets),
  7: counter64(packets(port.totals.inOctets)),
  8: counter64(0),
  9: counter64(0),
  10: counter64(port.totals.outOctets),
  11: counter64(packets(port.totals.outOctets)),
  12: counter64(0),
  13: counter64(0),
  15: gauge(Math.round(port.speedBps / 1_000_000)),
  16: integer(2),
  17: integer(1),
  18: text(port.alias),
  19: ticks(0),
})
