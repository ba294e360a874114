import { deviceText } from '../device-text.ts'
import { counterInto, numberAt } from './ber-number.ts'
import { oidText } from './oid.ts'
import { tags } from './tags.ts'
import { VarbindReader } from './varbind-reader.ts'

/** One variable binding of an answer, for tables that are read seldom. Counters go another way, without text. */
export interface Varbind {
  readonly oid: string
  /** One of `tags`. */
  readonly tag: number
  /** Content of the value, a copy. */
  readonly value: Uint8Array
}

/** All bindings of a list that was found well-formed. */
export function varbindsOf(bytes: Uint8Array, start: number, end: number): readonly Varbind[] {
  const reader = new VarbindReader()
  const all: Varbind[] = []
  reader.begin(bytes, start, end)
  while (reader.next())
    all.push({
      oid: oidText(bytes, reader.nameStart, reader.nameEnd),
      tag: reader.tag,
      value: Uint8Array.from(bytes.subarray(reader.valueStart, reader.valueEnd)),
    })
  return all
}

/** Whether the agent says that it has no such value. */
export const isAbsent = ({ tag }: Varbind): boolean =>
  tag === tags.noSuchObject || tag === tags.noSuchInstance || tag === tags.endOfMibView

/** An integer, gauge, time or 32-bit counter; undefined for what is none. */
export function numberOf(varbind: Varbind | undefined): number | undefined {
  if (varbind === undefined) return undefined
  const { tag, value } = varbind
  const number = numberAt(value, tag, 0, value.length)
  return Number.isNaN(number) ? undefined : number
}

/** A counter, exact; undefined for what is none. */
export function counterOf(varbind: Varbind | undefined): bigint | undefined {
  if (varbind === undefined) return undefined
  const { tag, value } = varbind
  const halves = { low: 0, high: 0 }
  if (!counterInto(halves, value, tag, 0, value.length)) return undefined
  return (BigInt(halves.high) << 32n) | BigInt(halves.low)
}

export const bytesOf = (varbind: Varbind | undefined): Uint8Array | undefined =>
  varbind?.tag === tags.octetString ? varbind.value : undefined

/** Text, cleaned; empty for what is none. */
export function textOf(varbind: Varbind | undefined): string {
  const bytes = bytesOf(varbind)
  return bytes === undefined ? '' : deviceText(bytes)
}

export const oidOf = (varbind: Varbind | undefined): string =>
  varbind?.tag === tags.oid ? oidText(varbind.value, 0, varbind.value.length) : ''
