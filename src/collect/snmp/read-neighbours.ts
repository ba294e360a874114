import type { InterfaceList } from '../../model/interface-list.ts'
import type { Neighbour } from '../../model/reading.ts'
import { bytesOf, numberOf, textOf, type Varbind } from './codec/varbind.ts'
import { type ReadColumnsOptions, readColumns } from './read-columns.ts'
import type { Requests } from './snmp-session.ts'

/** LLDP-MIB (IEEE 802.1AB): lldpLocPortTable by port number, lldpRemTable by time mark, port number and a number. */
const lldp = {
  localPortIdType: '1.0.8802.1.1.2.1.3.7.1.2',
  localPortId: '1.0.8802.1.1.2.1.3.7.1.3',
  localPortText: '1.0.8802.1.1.2.1.3.7.1.4',
  remotePortIdType: '1.0.8802.1.1.2.1.4.1.1.6',
  remotePortId: '1.0.8802.1.1.2.1.4.1.1.7',
  remotePortText: '1.0.8802.1.1.2.1.4.1.1.8',
  remoteSystem: '1.0.8802.1.1.2.1.4.1.1.9',
} as const

/** LldpPortIdSubtype: these two are bytes and no text. */
const macAddress = 3
const networkAddress = 4

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')

/** The port's id as text; undefined where it is no name (an address, or a bare number of the box's own). */
const portName = (type: number | undefined, id: Varbind | undefined): string | undefined => {
  if (type === macAddress || type === networkAddress) return undefined
  const text = textOf(id)
  return text === '' || /^\d+$/.test(text) ? undefined : text
}

const otherwise = (id: Varbind | undefined, type: number | undefined): string => {
  const bytes = bytesOf(id)
  if (bytes === undefined) return ''
  return type === macAddress || type === networkAddress ? hex(bytes) : textOf(id)
}

/** The interface that LLDP speaks of: by one of its texts, else by a port number that is the ifIndex. */
function localName(ports: InterfaceList, number: string, texts: readonly (string | undefined)[]): string {
  const named = texts.filter((text): text is string => text !== undefined && text !== '')
  for (const text of named) {
    const row = ports.rowNamed(text)
    const found = row >= 0 ? row : ports.rowDescribed(text)
    if (found >= 0) return ports.name(found)
  }
  const numbered = ports.rowOfIndex(Number(number))
  return numbered >= 0 ? ports.name(numbered) : (named[0] ?? number)
}

/** Reads who is at the other end of each port. Undefined when the agent has no LLDP tables. */
export async function readNeighbours(
  requests: Requests,
  ports: InterfaceList,
  options: ReadColumnsOptions,
): Promise<readonly Neighbour[] | undefined> {
  const columns = await readColumns(requests, Object.values(lldp), options)
  if ([...columns.values()].every((column) => column.size === 0)) return undefined
  const at = (oid: string, index: string) => columns.get(oid)?.get(index)
  return [...(columns.get(lldp.remoteSystem)?.keys() ?? [])].flatMap((index) => {
    const [, number] = index.split('.')
    const remoteSystem = textOf(at(lldp.remoteSystem, index))
    if (number === undefined || remoteSystem === '') return []
    const localType = numberOf(at(lldp.localPortIdType, number))
    const remoteType = numberOf(at(lldp.remotePortIdType, index))
    const remoteId = at(lldp.remotePortId, index)
    return [
      {
        localPort: localName(ports, number, [
          portName(localType, at(lldp.localPortId, number)),
          textOf(at(lldp.localPortText, number)),
        ]),
        remoteSystem,
        remotePort:
          portName(remoteType, remoteId) ??
          (textOf(at(lldp.remotePortText, index)) || otherwise(remoteId, remoteType)),
      },
    ]
  })
}
