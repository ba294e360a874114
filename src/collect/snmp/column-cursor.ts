import { comesAfter, isUnder, type OidRange, oidText, withArc } from './codec/oid.ts'
import { tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { ColumnSink } from './walk-columns.ts'

/** Instead of an index: it is not a value of this column. */
export const noValue = -1
/** Instead of an index: it is no single number, or above 28 bits. */
const severalArcs = -2

/** The index of a value of a column. The exceptions (RFC 3416) are the only values with their tags. */
export function indexIn(column: OidRange, { bytes, nameStart, nameEnd, tag }: VarbindReader): number {
  if (tag >= tags.noSuchObject && tag <= tags.endOfMibView) return noValue
  const prefix = column.bytes
  if (!isUnder(bytes, nameStart, nameEnd, prefix)) return noValue
  let value = 0
  for (let at = nameStart + prefix.length; at < nameEnd; at++) {
    const byte = bytes[at] ?? 0
    value = value * 128 + (byte & 127)
    if (byte < 128 && at + 1 < nameEnd) return severalArcs
  }
  return value <= 0xffff_ffff ? value : severalArcs
}

/** How far one column was read: the OID of its last value is where the next request begins. */
export class ColumnCursor {
  readonly place: number
  readonly column: OidRange
  /** Index of the last value, when it is one number; -1 before the first. */
  last = -1
  /** The OID of the last value, when its index is several numbers. */
  long: OidRange | undefined
  rows = 0
  done = false

  /** @param place in the list of columns */
  constructor(place: number, column: OidRange) {
    this.place = place
    this.column = column
  }

  /** Where the next request begins. */
  get position(): OidRange {
    if (this.long !== undefined) return this.long
    return this.last < 0 ? this.column : withArc(this.column, this.last)
  }

  /** Takes the next value, or is done when it is another's. Throws SnmpFailure for one that does not come after the last. */
  take(value: VarbindReader, sink: ColumnSink): void {
    const { bytes, nameStart, nameEnd } = value
    const found = indexIn(this.column, value)
    if (found === noValue) {
      this.done = true
      return
    }
    const index = found === severalArcs ? -1 : found
    // Two single numbers compare as numbers; anything longer by arc.
    const isNext =
      index >= 0 && this.long === undefined
        ? index > this.last
        : comesAfter(bytes, nameStart, nameEnd, this.position)
    if (!isNext) throw this.#doesNotAdvance(value)
    sink.take(this.place, index, this.rows, value)
    this.last = index
    this.long = index < 0 ? { bytes, start: nameStart, end: nameEnd } : undefined
    this.rows++
  }

  /** The bytes of an answer are gone once it is taken. */
  keepName(): void {
    const { long } = this
    if (long === undefined || this.done) return
    const bytes = long.bytes.slice(long.start, long.end)
    this.long = { bytes, start: 0, end: bytes.length }
  }

  #doesNotAdvance({ bytes, nameStart, nameEnd }: VarbindReader): SnmpFailure {
    const next = oidText(bytes, nameStart, nameEnd)
    const { position } = this
    const last = oidText(position.bytes, position.start, position.end)
    return new SnmpFailure('refused', `the agent's table does not advance: ${next} after ${last}`)
  }
}
