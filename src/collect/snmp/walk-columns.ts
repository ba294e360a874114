import type { BulkPace } from './bulk-pace.ts'
import { noBytes } from './codec/ber-field.ts'
import type { MessageReader } from './codec/message-reader.ts'
import { comesAfter, isUnder, type OidRange, oidText } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags, tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Question, Requests } from './snmp-session.ts'

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
  readonly opening?: Map<number, RequestPdu> | undefined
}

/**
 * How far a column was read: the OID of its last value is where the next request begins. Its bytes are those of an
 * answer while that is taken apart, and a copy of the walk's after that.
 */
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
  const walk = new Walk(options, requests.version === '1')
  while (walk.begin()) {
    if (walk.scalarsAlone) {
      await askScalars(requests, walk.scalars, options.sink)
      walk.scalars = noScalars
      continue
    }
    try {
      walk.end(await requests.ask(walk))
    } catch (error) {
      if (!(error instanceof SnmpFailure)) throw error
      walk.failed(error, requests)
    }
  }
  return walk.counts()
}

/** For an agent that cannot put them beside anything else. */
const askScalars = (requests: Requests, scalars: readonly OidRange[], sink: ColumnSink): Promise<void> => {
  const pdu: RequestPdu = { type: pduTags.getNext, names: scalars }
  return requests.ask({
    pdu: () => pdu,
    varbinds: () => scalars.length,
    answered(message) {
      const reader = message.varbinds()
      for (let at = 0; at < scalars.length && reader.next(); at++) sink.scalar?.(at, reader)
    },
  })
}

/** A walk, step by step: each step is one question. */
class Walk implements Question<number> {
  scalars: readonly OidRange[]
  readonly #columns: readonly OidRange[]
  readonly #allScalars: readonly OidRange[]
  readonly #sink: ColumnSink
  readonly #pace: BulkPace
  readonly #expectedRows: number | undefined
  readonly #maxRows: number
  readonly #opening: WalkOptions['opening']
  readonly #isV1: boolean
  readonly #cursors: readonly Cursor[]
  /** Those that the step asks for, how many rows of them, and whether they are asked for from their beginning. */
  readonly #asked: Cursor[] = []
  #rows = 0
  #isOpening = false
  #names = noBytes
  #spare = noBytes
  /** The attempt that was answered: each asks for half of the one before. */
  #attempt = 0

  constructor(options: WalkOptions, isV1: boolean) {
    this.#columns = options.columns
    this.#allScalars = options.scalars ?? noScalars
    this.#sink = options.sink
    this.#pace = options.pace
    this.#expectedRows = options.expectedRows
    this.#maxRows = options.maxRows
    this.#opening = options.opening
    this.#isV1 = isV1
    this.#cursors = options.columns.map((column, place) => new Cursor(place, column))
    this.scalars = isV1 ? noScalars : this.#allScalars
  }

  /** Chooses what to ask for next; false when all is read. */
  begin(): boolean {
    const asked = this.#asked
    asked.length = 0
    // Columns that are being read are ended before others begin, so that those in one message have as many rows left.
    const isBegun = this.#cursors.some((cursor) => !cursor.done && cursor.rows > 0)
    const most = Math.max(0, this.#pace.columns - this.scalars.length)
    let isOpen = false
    for (const cursor of this.#cursors) {
      if (cursor.done) continue
      isOpen = true
      if (asked.length < most && (!isBegun || cursor.rows > 0)) asked.push(cursor)
    }
    this.#rows = this.#isV1 ? 1 : this.#rowsToAsk()
    this.#isOpening =
      !isBegun && asked.length === this.#columns.length && asked.every(({ rows }) => rows === 0)
    return isOpen
  }

  /** There is room for nothing beside them. */
  get scalarsAlone(): boolean {
    return this.scalars.length > 0 && this.scalars.length >= this.#pace.columns
  }

  counts(): readonly number[] {
    return this.#cursors.map((cursor) => cursor.rows)
  }

  /** The step was answered with so many rows. */
  end(told: number): void {
    const pace = this.#pace
    const wanted = this.#rowsOf(this.#attempt)
    if (wanted < this.#rows) pace.shrink({ rows: wanted * 2, columns: this.#asked.length })
    // Agents leave off at the size that they like; at the end of a table there is nothing to learn from it.
    else if (!this.#isV1 && told < wanted && this.#asked.every((cursor) => !cursor.done)) pace.fits(told)
    this.scalars = noScalars
  }

  /** The step failed: throws it again, unless it is to be tried with less. */
  failed(failure: SnmpFailure, requests: Requests): void {
    const pace = this.#pace
    const columns = this.#asked.length + this.scalars.length
    if (failure.kind === 'noSuchName' && this.#isV1) endAt(this.#asked, failure.oid)
    else if (failure.kind === 'timeout') {
      // One that answers other things may find this too much; one that is dead is none the better for less.
      if (requests.answered && !this.#isV1)
        pace.shrink({ rows: this.#rowsOf(requests.once ? 0 : 1), columns })
      throw failure
    } else if (failure.kind !== 'tooBig' || !pace.shrink({ rows: this.#rows, columns })) throw failure
  }

  pdu(attempt: number): RequestPdu {
    const rows = this.#rowsOf(attempt)
    const opening = this.#openingOf(rows)
    if (opening !== undefined) return opening
    const names = this.scalars.length === 0 ? this.#asked : [...this.scalars, ...this.#asked]
    if (this.#isV1) return { type: pduTags.getNext, names }
    return { type: pduTags.getBulk, nonRepeaters: this.scalars.length, maxRepetitions: rows, names }
  }

  varbinds(attempt: number): number {
    return this.scalars.length + this.#asked.length * this.#rowsOf(attempt)
  }

  /** Takes an answer apart. Returns how many rows it had. */
  answered(message: MessageReader, attempt: number): number {
    this.#attempt = attempt
    const sink = this.#sink
    const maxRows = this.#maxRows
    const asked = this.#asked
    const reader = message.varbinds()
    const values = message.count - this.scalars.length
    if (values < Math.min(1, asked.length))
      throw new SnmpFailure('refused', 'the agent answered without a value')
    for (let at = 0; at < this.scalars.length; at++) if (reader.next()) sink.scalar?.(at, reader)
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
    this.#keepNames()
    if (rows > 0) this.#pace.answered(rows, message.end - message.start)
    return rows
  }

  /** The bytes of an answer are gone once it is taken: copies from where each column is to go on. */
  #keepNames(): void {
    let length = 0
    for (const { done, rows, start, end } of this.#cursors) if (!done && rows > 0) length += end - start
    if (length === 0) return
    // Some may still be where they were copied to last time, so that is left as it is.
    const names = this.#spare.length < length ? new Uint8Array(2 * length) : this.#spare
    this.#spare = this.#names
    this.#names = names
    let at = 0
    for (const cursor of this.#cursors) {
      if (cursor.done || cursor.rows === 0) continue
      const { bytes, start, end } = cursor
      for (let i = start; i < end; i++) names[at + i - start] = bytes[i] ?? 0
      cursor.bytes = names
      cursor.start = at
      at += end - start
      cursor.end = at
    }
  }

  #rowsOf(attempt: number): number {
    return Math.max(1, this.#rows >> attempt)
  }

  /** How many rows to ask for: what is expected and one more, which shows the end. */
  #rowsToAsk(): number {
    const pace = this.#pace
    const expectedRows = this.#expectedRows
    if (expectedRows === undefined || this.#asked.length === 0) return pace.rows
    let least = Number.POSITIVE_INFINITY
    for (const { rows } of this.#asked) if (rows < least) least = rows
    const left = expectedRows - least + 1
    return left > 0 ? Math.min(pace.rows, left) : pace.rows
  }

  /** All columns from their beginning: the same for each poll. */
  #openingOf(rows: number): RequestPdu | undefined {
    const opening = this.#opening
    const scalars = this.#allScalars
    if (opening === undefined || this.#isV1 || !this.#isOpening || this.scalars.length !== scalars.length)
      return undefined
    const known = opening.get(rows)
    if (known !== undefined) return known
    const pdu = {
      type: pduTags.getBulk,
      nonRepeaters: scalars.length,
      maxRepetitions: rows,
      names: [...scalars, ...this.#columns],
      keep: true,
    } as const
    opening.set(rows, pdu)
    return pdu
  }
}

/** SNMPv1 has no other way to say that the MIB ends here. */
function endAt(asked: readonly Cursor[], oid: string | undefined): void {
  const ended = asked.filter((cursor) => oidText(cursor.bytes, cursor.start, cursor.end) === oid)
  for (const cursor of ended.length > 0 ? ended : asked) cursor.done = true
}

function takeValue(cursor: Cursor, reader: VarbindReader, sink: ColumnSink, maxRows: number): void {
  const { bytes, nameStart, nameEnd, tag } = reader
  const prefix = cursor.column.bytes
  // The exceptions (RFC 3416) are the only values with these tags.
  const isPresent = tag < tags.noSuchObject || tag > tags.endOfMibView
  if (!isPresent || !isUnder(bytes, nameStart, nameEnd, prefix)) {
    cursor.done = true
    return
  }
  const index = singleArc(bytes, nameStart + prefix.length, nameEnd)
  // Two single numbers compare as numbers; anything longer by arc.
  const isNext =
    index >= 0 && cursor.last >= 0 ? index > cursor.last : comesAfter(bytes, nameStart, nameEnd, cursor)
  if (!isNext) throw doesNotAdvance(cursor, bytes, nameStart, nameEnd)
  sink.take(cursor.place, index, cursor.rows, reader)
  if (cursor.bytes !== bytes) cursor.bytes = bytes
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
