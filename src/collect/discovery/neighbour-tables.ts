import { SocketAddress } from 'node:net'
import { deviceText } from '../snmp/device-text.ts'
import type { SeenNeighbour, SeenPort } from './neighbour-reader.ts'

/** A value as it came: bytes of text and addresses, a number, or an object identifier with dots. */
export type CellValue = Buffer | number | string
/** Cells of a column by the rest of their object identifier. */
export type Cells = ReadonlyMap<string, CellValue>
export type Tables = ReadonlyMap<string, Cells>

/** SNMPv2-MIB and LLDP-MIB scalars. */
export const scalars = {
  description: '1.3.6.1.2.1.1.1.0',
  objectId: '1.3.6.1.2.1.1.2.0',
  name: '1.3.6.1.2.1.1.5.0',
  chassisType: '1.0.8802.1.1.2.1.3.1.0',
  chassisId: '1.0.8802.1.1.2.1.3.2.0',
} as const

/** IF-MIB columns by ifIndex. */
export const portColumns = {
  description: '1.3.6.1.2.1.2.2.1.2',
  name: '1.3.6.1.2.1.31.1.1.1.1',
  alias: '1.3.6.1.2.1.31.1.1.1.18',
} as const

/** LLDP-MIB (IEEE 802.1AB): lldpLocPortTable. */
export const localColumns = {
  portIdType: '1.0.8802.1.1.2.1.3.7.1.2',
  portId: '1.0.8802.1.1.2.1.3.7.1.3',
  portText: '1.0.8802.1.1.2.1.3.7.1.4',
} as const

/** lldpRemTable, by time mark, port number and a number. */
export const remoteColumns = {
  chassisType: '1.0.8802.1.1.2.1.4.1.1.4',
  chassisId: '1.0.8802.1.1.2.1.4.1.1.5',
  portIdType: '1.0.8802.1.1.2.1.4.1.1.6',
  portId: '1.0.8802.1.1.2.1.4.1.1.7',
  portText: '1.0.8802.1.1.2.1.4.1.1.8',
  system: '1.0.8802.1.1.2.1.4.1.1.9',
} as const

/** lldpRemManAddrTable: the address is in the index, behind that of the neighbour; this is lldpRemManAddrIfSubtype. */
export const addressColumns = { ifSubtype: '1.0.8802.1.1.2.1.4.2.1.3' } as const

/** CISCO-CDP-MIB cdpCacheTable, by ifIndex and a number. */
export const cdpColumns = {
  addressType: '1.3.6.1.4.1.9.9.23.1.2.1.1.3',
  address: '1.3.6.1.4.1.9.9.23.1.2.1.1.4',
  device: '1.3.6.1.4.1.9.9.23.1.2.1.1.6',
  port: '1.3.6.1.4.1.9.9.23.1.2.1.1.7',
} as const

/** LldpPortIdSubtype: bytes and no text. */
const macAddress = 3
const networkAddress = 4

export const textOf = (value: CellValue | undefined): string =>
  Buffer.isBuffer(value) ? deviceText(value) : ''

const numberOf = (value: CellValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined

/** The same text for what an element says of itself and what its neighbours say of it. */
export function chassisOf(type: CellValue | undefined, id: CellValue | undefined): string | undefined {
  return typeof type === 'number' && Buffer.isBuffer(id) && id.length > 0
    ? `${type}:${id.toString('hex')}`
    : undefined
}

/** Address of 4 or 16 bytes as text; undefined for anything that is no address of one box. */
export function addressOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) {
    const [first = 0] = bytes
    return first === 0 || first === 127 || first >= 224 ? undefined : bytes.join('.')
  }
  if (bytes.length !== 16 || bytes[0] === 0xff) return undefined
  const zeros = bytes.findIndex((byte) => byte !== 0)
  // Neither none, nor our own loopback, nor an IPv4 address in other clothes, which other prefixes would let pass.
  if (zeros < 0 || (zeros === 15 && bytes[15] === 1)) return undefined
  if (zeros === 10 && bytes[10] === 0xff && bytes[11] === 0xff) return addressOf(bytes.subarray(12))
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

export function portsIn(tables: Tables): readonly SeenPort[] {
  const cell = (column: string, index: string) => textOf(tables.get(column)?.get(index))
  const indexes = new Set(
    Object.values(portColumns).flatMap((column) => [...(tables.get(column)?.keys() ?? [])]),
  )
  return [...indexes]
    .filter((index) => /^\d{1,10}$/.test(index))
    .map((index) => {
      const description = cell(portColumns.description, index)
      const alias = cell(portColumns.alias, index)
      const name = cell(portColumns.name, index) || description || alias || index
      return { index: Number(index), name, description, alias }
    })
}

/** The name of a port that LLDP knows by a number: by its texts, else the number is the ifIndex. */
function localPort(ports: readonly SeenPort[], number: string, texts: readonly string[]): string {
  const named = texts.filter((text) => text !== '')
  for (const text of named) {
    const port = ports.find(({ name }) => name === text) ?? ports.find((one) => one.description === text)
    if (port !== undefined) return port.name
  }
  return ports.find(({ index }) => `${index}` === number)?.name ?? named[0] ?? number
}

const isBytes = (type: number | undefined) => type === macAddress || type === networkAddress

/** The neighbours of lldpRemTable, with the addresses of lldpRemManAddrTable. */
export function lldpNeighbours(tables: Tables, ports: readonly SeenPort[]): readonly SeenNeighbour[] {
  const cell = (column: string, index: string) => tables.get(column)?.get(index)
  const addresses = managementAddresses(tables.get(addressColumns.ifSubtype))
  const rows = new Set([
    ...(tables.get(remoteColumns.system)?.keys() ?? []),
    ...(tables.get(remoteColumns.chassisId)?.keys() ?? []),
  ])
  return [...rows].flatMap((index): readonly SeenNeighbour[] => {
    const [, number] = index.split('.')
    if (number === undefined) return []
    const localId = isBytes(numberOf(cell(localColumns.portIdType, number)))
      ? ''
      : textOf(cell(localColumns.portId, number))
    const portText = textOf(cell(remoteColumns.portText, index))
    const portId = cell(remoteColumns.portId, index)
    const idIsBytes = isBytes(numberOf(cell(remoteColumns.portIdType, index)))
    const idText = idIsBytes ? '' : textOf(portId)
    const chassis = chassisOf(cell(remoteColumns.chassisType, index), cell(remoteColumns.chassisId, index))
    return [
      {
        protocol: 'lldp',
        localPort: localPort(ports, number, [localId, textOf(cell(localColumns.portText, number))]),
        system: textOf(cell(remoteColumns.system, index)),
        port: (/^\d*$/.test(idText) ? portText || idText : idText) || hexOf(portId),
        ...(chassis === undefined ? {} : { chassis }),
        addresses: addresses.get(index) ?? [],
      },
    ]
  })
}

const hexOf = (value: CellValue | undefined): string =>
  Buffer.isBuffer(value) ? (value.toString('hex').match(/../g) ?? []).join(':') : ''

/** Addresses by the first three numbers of the index; some agents leave out the length before the address. */
function managementAddresses(cells: Cells | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const index of cells?.keys() ?? []) {
    const numbers = index.split('.').map(Number)
    const [, , , family, length] = numbers
    const size = family === 1 ? 4 : family === 2 ? 16 : 0
    const rest = numbers.slice(length === size && numbers.length === 5 + size ? 5 : 4)
    if (size === 0 || rest.length !== size || rest.some((byte) => byte > 255)) continue
    const address = addressOf(Uint8Array.from(rest))
    if (address === undefined) continue
    const key = numbers.slice(0, 3).join('.')
    found.set(key, [...(found.get(key) ?? []), address])
  }
  return found
}

/** The neighbours of cdpCacheTable. */
export function cdpNeighbours(tables: Tables, ports: readonly SeenPort[]): readonly SeenNeighbour[] {
  const cell = (column: string, index: string) => tables.get(column)?.get(index)
  return [...(tables.get(cdpColumns.device)?.keys() ?? [])].flatMap((index): readonly SeenNeighbour[] => {
    const [ifIndex = ''] = index.split('.')
    // NX-OS adds its serial number in parentheses.
    const system = textOf(cell(cdpColumns.device, index)).replace(/\([^()]*\)$/, '')
    const bytes = cell(cdpColumns.address, index)
    const address = Buffer.isBuffer(bytes) ? addressOf(bytes) : undefined
    if (system === '' && address === undefined) return []
    return [
      {
        protocol: 'cdp',
        localPort: ports.find((port) => `${port.index}` === ifIndex)?.name ?? ifIndex,
        system,
        port: textOf(cell(cdpColumns.port, index)),
        addresses: address === undefined ? [] : [address],
      },
    ]
  })
}
