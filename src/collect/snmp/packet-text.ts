import { MessageReader } from './codec/message-reader.ts'
import { pduTags, tags } from './codec/tags.ts'
import { counterOf, isAbsent, numberOf, oidOf, textOf, type Varbind, varbindsOf } from './codec/varbind.ts'

const pduNames = new Map<number, string>(Object.entries(pduTags).map(([name, tag]) => [tag, name]))
const tagNames = new Map<number, string>(Object.entries(tags).map(([name, tag]) => [tag, name]))
const versionNames = new Map([
  [0, 'v1'],
  [1, 'v2c'],
  [3, 'v3'],
])

/** Of what is not understood. */
const mostBytesShown = 256

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function valueText(varbind: Varbind): string {
  const kind = tagNames.get(varbind.tag) ?? `tag ${varbind.tag}`
  if (varbind.tag === tags.null) return ''
  if (isAbsent(varbind)) return ` = ${kind}`
  const number = numberOf(varbind) ?? counterOf(varbind)
  if (number !== undefined) return ` = ${number} (${kind})`
  if (varbind.tag === tags.octetString) return ` = ${JSON.stringify(textOf(varbind))} (${hex(varbind.value)})`
  return ` = ${oidOf(varbind) || hex(varbind.value)} (${kind})`
}

function pduLines(reader: MessageReader): readonly string[] {
  const { pdu, requestId, errorStatus, errorIndex } = reader
  const name = pduNames.get(pdu) ?? `pdu ${pdu}`
  // A GETBULK has two other numbers in the same places (RFC 3416 §3).
  const numbers =
    pdu === pduTags.getBulk
      ? `non-repeaters ${errorStatus}, max-repetitions ${errorIndex}`
      : `error ${errorStatus} at ${errorIndex}`
  return [
    `${name} ${requestId}, ${numbers}`,
    ...varbindsOf(reader.bytes, reader.start, reader.end).map(
      (varbind) => `  ${varbind.oid}${valueText(varbind)}`,
    ),
  ]
}

/**
 * What an SNMP message says, for people: a line about it, then one for each value. The community is left out; what is
 * encrypted stays so.
 */
export function packetLines(bytes: Uint8Array): readonly string[] {
  const reader = new MessageReader()
  if (!reader.read(bytes)) return [`no SNMP: ${hex(bytes.subarray(0, mostBytesShown))}`]
  const version = versionNames.get(reader.version) ?? ''
  const isV3 = reader.version === 3
  const level = ['', ', authenticated', '', ', authenticated, encrypted'][reader.flags & 3] ?? ''
  const head = isV3 ? `${version} message ${reader.id}${level}` : version
  if (isV3 && (reader.flags & 2) !== 0) return [head]
  if (isV3 && !reader.readScopedPdu(bytes, reader.dataStart, reader.dataEnd)) return [`${head}, malformed`]
  const [first = '', ...values] = pduLines(reader)
  return [`${head}${isV3 ? ',' : ''} ${first}`, ...values]
}
