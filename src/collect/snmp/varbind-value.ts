import type { Varbind } from 'net-snmp'
import { deviceText } from './device-text.ts'

/** ASN.1 and SMIv2 tags (RFC 2578, RFC 3416). */
const tags = {
  integer: 2,
  octetString: 4,
  oid: 6,
  counter32: 65,
  gauge32: 66,
  timeTicks: 67,
  counter64: 70,
  noSuchObject: 128,
  noSuchInstance: 129,
  endOfMibView: 130,
} as const

const numbers: ReadonlySet<number> = new Set([tags.integer, tags.counter32, tags.gauge32, tags.timeTicks])

/** Whether the agent says that it has no such value. */
export const isAbsent = (varbind: Varbind): boolean =>
  varbind.type === tags.noSuchObject ||
  varbind.type === tags.noSuchInstance ||
  varbind.type === tags.endOfMibView

/** An integer, gauge or 32-bit counter; undefined for what is none. */
export const numberOf = (varbind: Varbind | undefined): number | undefined =>
  varbind !== undefined && numbers.has(varbind.type) && typeof varbind.value === 'number'
    ? varbind.value
    : undefined

/** A counter, exact; undefined for what is none. Counter64 comes as 1 to 9 bytes, the ninth a leading zero. */
export function counterOf(varbind: Varbind | undefined): bigint | undefined {
  if (varbind?.type !== tags.counter64) {
    const number = numberOf(varbind)
    return number === undefined || number < 0 ? undefined : BigInt(number)
  }
  const bytes = varbind.value
  if (!Buffer.isBuffer(bytes) || bytes.length < 1 || bytes.length > 9) return undefined
  if (bytes.length === 9 && bytes[0] !== 0) return undefined
  return BigInt(`0x${bytes.toString('hex')}`)
}

export const bytesOf = (varbind: Varbind | undefined): Uint8Array | undefined =>
  varbind?.type === tags.octetString && Buffer.isBuffer(varbind.value) ? varbind.value : undefined

/** Text, cleaned; empty for what is none. */
export function textOf(varbind: Varbind | undefined): string {
  const bytes = bytesOf(varbind)
  return bytes === undefined ? '' : deviceText(bytes)
}

export const oidOf = (varbind: Varbind | undefined): string =>
  varbind?.type === tags.oid && typeof varbind.value === 'string' ? varbind.value : ''
