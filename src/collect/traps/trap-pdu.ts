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
  readonly interfaceIndex?: number
  readonly interfaceName?: string
  /** The list of variable bindings as it came, for the answer to an inform. */
  readonly bindings: Buffer
}

/** Values of interest, by the object identifier without its instance. */
const trapOid = '1.3.6.1.6.3.1.1.4.1.0'
const trapAddress = '1.3.6.1.6.3.18.1.3.0'
const ifIndex = '1.3.6.1.2.1.2.2.1.1'
const ifDescr = '1.3.6.1.2.1.2.2.1.2'
const ifName = '1.3.6.1.2.1.31.1.1.1.1'

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
  inside.integer(tags.timeTicks)
  const told = readBindings(inside)
  const agentAddress = told.agentAddress ?? ipv4(address)
  return {
    ...told,
    type: 'trapV1',
    requestId: 0,
    oid: trapOidOfV1(enterprise, generic, specific),
    ...(agentAddress === undefined ? {} : { agentAddress }),
  }
}

/** 0.0.0.0 is what agents write that do not know their address. */
const ipv4 = (bytes: Buffer): string | undefined => {
  const text = bytes.join('.')
  return text === '0.0.0.0' ? undefined : text
}

interface Told {
  readonly bindings: Buffer
  readonly oid?: string
  readonly agentAddress?: string
  readonly interfaceIndex?: number
  readonly interfaceName?: string
}

function readBindings(inside: BerReader): Told {
  const { bytes } = inside
  const list = inside.expect(tags.sequence)
  const rows = new BerReader(bytes, list)
  const told: { -readonly [K in keyof Told]: Told[K] } = { bindings: bytes.subarray(list.start, list.end) }
  for (let count = 0; !rows.atEnd && count < mostBindings; count++) {
    const row = rows.into(tags.sequence)
    const name = row.oid()
    note(told, name, bytes, row.field())
  }
  return told
}

function note(told: { -readonly [K in keyof Told]: Told[K] }, name: string, bytes: Buffer, value: Field) {
  const content = bytes.subarray(value.start, value.end)
  if (name === trapOid && value.tag === tags.oid) told.oid = oidIn(bytes, value)
  else if (name === trapAddress && value.tag === tags.ipAddress && content.length === 4) {
    const address = ipv4(content)
    if (address !== undefined) told.agentAddress = address
  } else if (name.startsWith(`${ifIndex}.`) && value.tag === tags.integer)
    told.interfaceIndex ??= integerIn(bytes, value)
  else if (value.tag === tags.octetString && content.length > 0) {
    if (name.startsWith(`${ifName}.`)) told.interfaceName = deviceText(content)
    else if (name.startsWith(`${ifDescr}.`)) told.interfaceName ??= deviceText(content)
  }
}
