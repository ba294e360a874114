import type { BulkPace } from './bulk-pace.ts'
import type { MessageReader } from './codec/message-reader.ts'
import { comesAfter, isUnder, type OidRange, oidText } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags, tags } from './codec/tags.ts'
import { VarbindReader } from './codec/varbind-reader.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests } from './snmp-session.ts'

/** Takes values as they are found; the reader stands on the value, and moves on after. */
export interface ColumnSink {
  /**
   * @param column its place in the list of columns
   * @param index the number behind the column; -1 when there are several, as in a table with a longer index
   * @param row how many values of the column there were before
   */
  take(column: number, index: number, row: number, value: VarbindReader): void
  /** The value behind one of the scalars. */
  scalar?(at: number, value: VarbindReader): void
}

export interface WalkOptions {
  readonly columns: readonly OidRange[]
  /** Asked for once, beside the first rows; not in SNMPv1. */
  readonly scalars?: readonly OidRange[]
  readonly sink: ColumnSink
  readonly pace: BulkPace
  /** Rows that it had last time, so that not more is asked for; undefined when unknown. */
  readonly expectedRows: number | undefined
  /** A table that is longer is taken for endless. */
  readonly maxRows: number
  /** The first request of this walk, by rows: whoever walks the same columns again keeps them. */
  readonly opening?: Map<number, RequestPdu>
}

/** How far a column was read: the OID of its last value is where the next request begins. */
class Cursor implements OidRange {
  readonly place: number
  readonly column: OidRange
  bytes: Uint8Array
  start: number
  end: number
  /** Index of the last value, when it is one number. */
  last = -1
  rows = 0
  done = false

  constructor(place: number, column: OidRange) {
    this.place = place
    this.column = column
    this.bytes = column.bytes
    this.start = column.start
    this.end = column.end
  }
}

const noScalars: readonly OidRange[] = []

/**
 * Reads columns of one table, side by side in one message, by GETBULK (GETNEXT in SNMPv1), without making text of their
 * OIDs. Returns how many values each column has; a column that the agent lacks has none. Rejects with SnmpFailure when
 * the agent is silent, does not advance, or never ends.
 */
export async function walkColumns(requests: Requests, options: WalkOptions): Promise<readonly number[]> {
  const { pace } = options
  const isV1 = requests.version === '1'
  const cursors = options.columns.map((column, place) => new Cursor(place, column))
  let scalars = isV1 ? noScalars : (options.scalars ?? noScalars)
  for (;;) {
    const open = cursors.filter((cursor) => !cursor.done)
    if (open.length === 0) break
    if (scalars.length >= pace.columns) {
      await askScalars(requests, scalars, options.sink)
      scalars = noScalars
      continue
    }
    // Columns that are being read are ended before others begin, so that those in one message have as many rows left.
    const begun = open.filter((cursor) => cursor.rows > 0)
    const asked = (begun.length > 0 ? begun : open).slice(0, pace.columns - scalars.length)
    const rows = isV1 ? 1 : rowsToAsk(asked, options)
    const step: Step = { asked, scalars, rows, options, isV1 }
    try {
      const { told, attempt } = await requests.ask(questionOf(step))
      const wanted = rowsOf(step, attempt)
      if (wanted < rows) pace.shrink({ rows: wanted * 2, columns: asked.length })
      // Agents leave off at the size that they like; at the end of a table there is nothing to learn from it.
      else if (!isV1 && told < wanted && asked.every((cursor) => !cursor.done)) pace.fits(told)
      scalars = noScalars
    } catch (error) {
      if (!(error instanceof SnmpFailure)) throw error
      const columns = asked.length + scalars.length
      if (error.kind === 'noSuchName' && isV1) endAt(asked, error.oid)
      else if (error.kind === 'timeout') {
        // One that answers other things may find this too much; one that is dead is none the better for less.
        if (requests.answered && !isV1) pace.shrink({ rows: rowsOf(step, requests.once ? 0 : 1), columns })
        throw error
      } else if (error.kind !== 'tooBig' || !pace.shrink({ rows, columns })) throw error
    }
  }
  return cursors.map((cursor) => cursor.rows)
}

/** For an agent that cannot put them beside anything else. */
const askScalars = (requests: Requests, scalars: readonly OidRange[], sink: ColumnSink): Promise<void> => {
  const pdu: RequestPdu = { type: pduTags.getNext, names: scalars }
  return requests.ask({
    pdu: () => pdu,
    varbinds: () => scalars.length,
    answered(message) {
      const reader = new VarbindReader()
      reader.begin(message.bytes, message.start, message.end)
      for (let at = 0; at < scalars.length && reader.next(); at++) sink.scalar?.(at, reader)
    },
  })
}

interface Step {
  readonly asked: readonly Cursor[]
  readonly scalars: readonly OidRange[]
  readonly rows: number
  readonly options: WalkOptions
  readonly isV1: boolean
}

/** Each attempt asks for half of the one before. */
const rowsOf = ({ rows }: Step, attempt: number) => Math.max(1, rows >> attempt)

/** The same for each poll: all columns from their beginning. */
function openingOf(step: Step, rows: number): RequestPdu | undefined {
  const { asked, scalars, options, isV1 } = step
  const { opening, columns } = options
  const isOpening = asked.length === columns.length && asked.every((cursor) => cursor.rows === 0)
  if (opening === undefined || isV1 || !isOpening || scalars.length !== options.scalars?.length)
    return undefined
  const known = opening.get(rows)
  if (known !== undefined) return known
  const names = [...scalars, ...columns]
  const pdu = {
    type: pduTags.getBulk,
    nonRepeaters: scalars.length,
    maxRepetitions: rows,
    names,
    keep: true,
  } as const
  opening.set(rows, pdu)
  return pdu
}

function pduOf(step: Step, rows: number): RequestPdu {
  const { asked, scalars, isV1 } = step
  const names = [...scalars, ...asked]
  if (isV1) return { type: pduTags.getNext, names }
  return { type: pduTags.getBulk, nonRepeaters: scalars.length, maxRepetitions: rows, names }
}

function questionOf(step: Step) {
  const { asked, scalars } = step
  return {
    pdu(attempt: number): RequestPdu {
      const rows = rowsOf(step, attempt)
      return openingOf(step, rows) ?? pduOf(step, rows)
    },
    varbinds: (attempt: number) => scalars.length + asked.length * rowsOf(step, attempt),
    answered: (message: MessageReader, attempt: number) => ({ told: takeRows(step, message), attempt }),
  }
}

/** How many rows to ask for: what is expected and one more, which shows the end. */
function rowsToAsk(asked: readonly Cursor[], { pace, expectedRows }: WalkOptions): number {
  if (expectedRows === undefined || asked.length === 0) return pace.rows
  let least = Number.POSITIVE_INFINITY
  for (const { rows } of asked) if (rows < least) least = rows
  const left = expectedRows - least + 1
  return left > 0 ? Math.min(pace.rows, left) : pace.rows
}

/** SNMPv1 has no other way to say that the MIB ends here. */
function endAt(asked: readonly Cursor[], oid: string | undefined): void {
  const ended = asked.filter((cursor) => oidText(cursor.bytes, cursor.start, cursor.end) === oid)
  for (const cursor of ended.length > 0 ? ended : asked) cursor.done = true
}

/** Takes an answer apart. Returns how many rows it had. */
function takeRows({ asked, scalars, options }: Step, message: MessageReader): number {
  const { sink, maxRows, pace } = options
  const reader = new VarbindReader()
  reader.begin(message.bytes, message.start, message.end)
  const values = message.count - scalars.length
  if (values < Math.min(1, asked.length))
    throw new SnmpFailure('refused', 'the agent answered without a value')
  for (let at = 0; at < scalars.length; at++) if (reader.next()) sink.scalar?.(at, reader)
  const width = asked.length
  if (width === 0) return 0
  const rows = Math.floor(values / width)
  // A row that was cut off is asked for again, so that columns stay side by side.
  const usable = rows === 0 ? values : rows * width
  let column = 0
  for (let i = 0; i < usable; i++) {
    const cursor = asked[column]
    if (++column === width) column = 0
    if (!reader.next() || cursor === undefined) break
    if (!cursor.done) takeValue(cursor, reader, sink, maxRows)
  }
  if (rows > 0) pace.answered(rows, message.end - message.start)
  return rows
}

function takeValue(cursor: Cursor, reader: VarbindReader, sink: ColumnSink, maxRows: number): void {
  const { bytes, nameStart, nameEnd, tag } = reader
  const isPresent = tag !== tags.endOfMibView && tag !== tags.noSuchInstance && tag !== tags.noSuchObject
  if (!isPresent || !isUnder(bytes, nameStart, nameEnd, cursor.column.bytes)) {
    cursor.done = true
    return
  }
  const index = singleArc(bytes, nameStart + cursor.column.bytes.length, nameEnd)
  // Two single numbers compare as numbers; anything longer by arc.
  const isNext =
    index >= 0 && cursor.last >= 0 ? index > cursor.last : comesAfter(bytes, nameStart, nameEnd, cursor)
  if (!isNext) throw doesNotAdvance(cursor, bytes, nameStart, nameEnd)
  sink.take(cursor.place, index, cursor.rows, reader)
  cursor.bytes = bytes
  cursor.start = nameStart
  cursor.end = nameEnd
  cursor.last = index
  if (++cursor.rows > maxRows)
    throw new SnmpFailure(
      'refused',
      `the agent's table ${oidText(cursor.column.bytes, 0, cursor.column.bytes.length)} has more than ${maxRows} rows`,
    )
}

/** The number in these bytes; -1 when there are several, or it is above 32 bits. */
function singleArc(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    value = value * 128 + (byte & 127)
    if (byte < 128 && at + 1 < end) return -1
  }
  return value <= 0xffff_ffff ? value : -1
}

function doesNotAdvance(cursor: Cursor, bytes: Uint8Array, start: number, end: number): SnmpFailure {
  const next = oidText(bytes, start, end)
  const last = oidText(cursor.bytes, cursor.start, cursor.end)
  return new SnmpFailure('refused', `the agent's table does not advance: ${next} after ${last}`)
}
