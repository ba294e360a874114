import { type InterfaceStatus, interfaceStatuses } from '../../model/interface.ts'
import { deviceText } from '../snmp/device-text.ts'
import { BerReader, type Field, integerIn, MalformedMessage, oidIn, tags } from './ber-reader.ts'
import { trapOidOfV1 } from './trap-kind.ts'

/** What a Trap-PDU, an SNMPv2-Trap-PDU or an InformRequest-PDU says. */
export interface TrapPdu {
  readonly type: 'trapV1' | 'trapV2' | 'inform'
  readonly oid: string
  /** Not in SNMPv1. */
  readonly requestId: number
  /** Where it came from before a proxy passed it on: agent-addr, or snmpTrapAddress.0 (RFC 3584 §3). */
  readonly agentAddress?: string
  /** sysUpTime, or the time stamp of SNMPv1; hundredths of a second. */
  readonly upTimeTicks?: number
  readonly interfaceIndex?: number
  readonly interfaceName?: string
  /** Only where all that is told of interfaces is of the same one. */
  readonly adminStatus?: InterfaceStatus
  readonly operStatus?: InterfaceStatus
  /** The list of variable bindings as it came, for the answer to an inform. */
  readonly bindings: Buffer
}

/** Values of interest, by the object identifier without its instance. */
const trapOid = '1.3.6.1.6.3.1.1.4.1.0'
const trapAddress = '1.3.6.1.6.3.18.1.3.0'
const upTime = '1.3.6.1.2.1.1.3.0'
const ifIndex = '1.3.6.1.2.1.2.2.1.1'
const ifDescr = '1.3.6.1.2.1.2.2.1.2'
const ifAdminStatus = '1.3.6.1.2.1.2.2.1.7'
const ifOperStatus = '1.3.6.1.2.1.2.2.1.8'
const ifName = '1.3.6.1.2.1.31.1.1.1.1'
const ifColumns: ReadonlySet<string> = new Set([ifIndex, ifDescr, ifAdminStatus, ifOperStatus, ifName])

/** No trap needs as many; what is behind these is not looked at. */
const mostBindings = 100

/** The PDU that a reader stands at. @throws MalformedMessage */
export function readTrapPdu(reader: BerReader): TrapPdu {
  const field = reader.field()
  const inside = new BerReader(reader.bytes, field)
  if (field.tag === tags.trapV1) return readV1(inside)
  if (field.tag !== tags.trapV2 && field.tag !== tags.inform)
    throw new MalformedMessage(`PDU ${field.tag} is neither a trap nor an inform`)
  const requestId = inside.integer()
  inside.integer()
  inside.integer()
  const told = readBindings(inside)
  if (told.oid === undefined) throw new MalformedMessage('no snmpTrapOID')
  return { type: field.tag === tags.inform ? 'inform' : 'trapV2', requestId, ...told, oid: told.oid }
}

function readV1(inside: BerReader): TrapPdu {
  const enterprise = inside.oid()
  const address = inside.octets(tags.ipAddress)
  if (address.length !== 4) throw new MalformedMessage('bad agent address')
  const generic = inside.integer()
  const specific = inside.integer()
  const stamp = inside.integer(tags.timeTicks)
  const told = readBindings(inside)
  const agentAddress = told.agentAddress ?? ipv4(address)
  return {
    ...told,
    type: 'trapV1',
    requestId: 0,
    upTimeTicks: ticksOf(stamp),
    oid: trapOidOfV1(enterprise, generic, specific),
    ...(agentAddress === undefined ? {} : { agentAddress }),
  }
}

/** Some agents write large ones as if they were negative. */
const ticksOf = (value: number): number => ((value % 2 ** 32) + 2 ** 32) % 2 ** 32

/** 0.0.0.0 is what agents write that do not know their address. */
const ipv4 = (bytes: Buffer): string | undefined => {
  const text = bytes.join('.')
  return text === '0.0.0.0' ? undefined : text
}

interface Told {
  readonly bindings: Buffer
  readonly oid?: string
  readonly agentAddress?: string
  readonly upTimeTicks?: number
  readonly interfaceIndex?: number
  readonly interfaceName?: string
  readonly adminStatus?: InterfaceStatus
  readonly operStatus?: InterfaceStatus
}

type Telling = { -readonly [K in keyof Told]: Told[K] }

function readBindings(inside: BerReader): Told {
  const { bytes } = inside
  const list = inside.expect(tags.sequence)
  const rows = new BerReader(bytes, list)
  const told: Telling = { bindings: bytes.subarray(list.start, list.end) }
  const interfaces = new Set<number>()
  for (let count = 0; !rows.atEnd && count < mostBindings; count++) {
    const row = rows.into(tags.sequence)
    const name = row.oid()
    const value = row.field()
    const end = name.lastIndexOf('.')
    const column = name.slice(0, end)
    if (ifColumns.has(column)) {
      interfaces.add(Number(name.slice(end + 1)))
      noteInterface(told, column, bytes, value)
    } else note(told, name, bytes, value)
  }
  if (told.interfaceIndex !== undefined) interfaces.add(told.interfaceIndex)
  if (interfaces.size === 1) return told
  const { adminStatus: _, operStatus: __, ...rest } = told
  return rest
}

function note(told: Telling, name: string, bytes: Buffer, value: Field) {
  if (name === trapOid && value.tag === tags.oid) told.oid = oidIn(bytes, value)
  else if (name === upTime && value.tag === tags.timeTicks)
    told.upTimeTicks = ticksOf(integerIn(bytes, value))
  else if (name === trapAddress && value.tag === tags.ipAddress && value.end - value.start === 4) {
    const address = ipv4(bytes.subarray(value.start, value.end))
    if (address !== undefined) told.agentAddress = address
  }
}

function noteInterface(told: Telling, column: string, bytes: Buffer, value: Field) {
  if (value.tag === tags.integer) {
    const number = integerIn(bytes, value)
    if (column === ifIndex) told.interfaceIndex ??= number
    else if (column === ifAdminStatus) told.adminStatus ??= interfaceStatuses[number] ?? 'unknown'
    else if (column === ifOperStatus) told.operStatus ??= interfaceStatuses[number] ?? 'unknown'
  } else if (value.tag === tags.octetString && value.end > value.start) {
    const text = deviceText(bytes.subarray(value.start, value.end))
    if (column === ifName) told.interfaceName = text
    else if (column === ifDescr) told.interfaceName ??= text
  }
}
