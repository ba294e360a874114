import type { BulkPace } from './bulk-pace.ts'
import type { MessageReader } from './codec/message-reader.ts'
import { comesAfter, isUnder, type OidRange, oidText, withArc } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags, tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Asking, Requests } from './snmp-session.ts'
import type { WalkSteps } from './walk-steps.ts'

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
  /** The requests of this walk: whoever walks the same columns again keeps them. */
  readonly steps?: WalkSteps | undefined
}

/** How far a column was read: the OID of its last value is where the next request begins. */
class Cursor {
  readonly place: number
  readonly column: OidRange
  /** Index of the last value, when it is one number; -1 before the first. */
  last = -1
  /** The OID of the last value, when its index is several numbers. */
  long: OidRange | undefined
  rows = 0
  done = false

  constructor(place: number, column: OidRange) {
    this.place = place
    this.column = column
  }

  /** Where the next request begins. */
  get position(): OidRange {
    if (this.long !== undefined) return this.long
    return this.last < 0 ? this.column : withArc(this.column, this.last)
  }
}

const noScalars: readonly OidRange[] = []

/**
 * Reads columns of one table, side by side in one message, by GETBULK (GETNEXT in SNMPv1), without making text of their
 * OIDs. Returns how many values each column has; a column that the agent lacks has none. Rejects with SnmpFailure when
 * the agent is silent, does not advance, or never ends.
 */
export function walkColumns(requests: Requests, options: WalkOptions): Promise<readonly number[]> {
  return new Promise((resolve, reject) => new Walk(requests, options, resolve, reject).step())
}

/** For an agent that cannot put them beside anything else. */
const askScalars = (requests: Requests, scalars: readonly OidRange[], sink: ColumnSink): Promise<number> => {
  const pdu: RequestPdu = { type: pduTags.getNext, names: scalars }
  return requests.ask({
    pdu: () => pdu,
    varbinds: () => scalars.length,
    answered(message) {
      const reader = message.varbinds()
      for (let at = 0; at < scalars.length && reader.next(); at++) sink.scalar?.(at, reader)
      return scalars.length
    },
  })
}

/** A walk, step by step: each step is one question, and asks the next. */
class Walk implements Asking<number> {
  /** Asked for beside the first step. */
  #scalars: readonly OidRange[]
  readonly #requests: Requests
  readonly #resolve: (rows: readonly number[]) => void
  readonly #reject: (failure: unknown) => void
  readonly #columns: readonly OidRange[]
  readonly #allScalars: readonly OidRange[]
  readonly #sink: ColumnSink
  readonly #pace: BulkPace
  readonly #expectedRows: number | undefined
  readonly #maxRows: number
  readonly #steps: WalkOptions['steps']
  readonly #isV1: boolean
  readonly #cursors: readonly Cursor[]
  /** Those that the step asks for, and how many rows of them. */
  readonly #asked: Cursor[] = []
  #rows = 0
  /** All columns stand at the same index, as they do in most tables: -1 is their beginning. Undefined: they do not. */
  #level: number | undefined
  /** The attempt that was answered: each asks for half of the one before. */
  #attempt = 0

  constructor(
    requests: Requests,
    options: WalkOptions,
    resolve: (rows: readonly number[]) => void,
    reject: (failure: unknown) => void,
  ) {
    const isV1 = requests.version === '1'
    this.#requests = requests
    this.#resolve = resolve
    this.#reject = reject
    this.#columns = options.columns
    this.#allScalars = options.scalars ?? noScalars
    this.#sink = options.sink
    this.#pace = options.pace
    this.#expectedRows = options.expectedRows
    this.#maxRows = options.maxRows
    this.#steps = isV1 ? undefined : options.steps
    this.#isV1 = isV1
    this.#cursors = options.columns.map((column, place) => new Cursor(place, column))
    this.#scalars = isV1 ? noScalars : this.#allScalars
  }

  /** Asks for what is next, or ends. */
  step(): void {
    try {
      if (!this.#begin()) this.#resolve(this.#cursors.map((cursor) => cursor.rows))
      else if (this.#scalars.length > 0 && this.#scalars.length >= this.#pace.columns) this.#askScalars()
      else this.#requests.begin(this)
    } catch (error) {
      this.#reject(error)
    }
  }

  /** There is room for nothing beside them. */
  #askScalars(): void {
    const end = () => {
      this.#scalars = noScalars
      this.step()
    }
    askScalars(this.#requests, this.#scalars, this.#sink).then(end, this.#reject)
  }

  /** Chooses what to ask for next; false when all is read. */
  #begin(): boolean {
    const asked = this.#asked
    asked.length = 0
    // Columns that are being read are ended before others begin, so that those in one message have as many rows left.
    let isBegun = false
    for (const { done, rows } of this.#cursors) if (!done && rows > 0) isBegun = true
    const most = Math.max(0, this.#pace.columns - this.#scalars.length)
    let isOpen = false
    let isLevel = true
    for (const cursor of this.#cursors) {
      if (cursor.done) continue
      isOpen = true
      if (asked.length < most && (!isBegun || cursor.rows > 0)) asked.push(cursor)
    }
    const [first] = asked
    for (const { last, long } of asked) if (last !== first?.last || long !== undefined) isLevel = false
    this.#rows = this.#isV1 ? 1 : this.#rowsToAsk()
    this.#level = isLevel && asked.length === this.#columns.length ? first?.last : undefined
    return isOpen
  }

  /** The step was answered with so many rows. */
  resolve(told: number): void {
    const pace = this.#pace
    const wanted = this.#rowsOf(this.#attempt)
    if (wanted < this.#rows) pace.shrink({ rows: wanted * 2, columns: this.#asked.length })
    // Agents leave off at the size that they like; at the end of a table there is nothing to learn from it.
    else if (!this.#isV1 && told < wanted && this.#asked.every((cursor) => !cursor.done)) pace.fits(told)
    this.#scalars = noScalars
    this.step()
  }

  /** The step failed: so does the walk, unless it is to be tried with less. */
  reject(failure: SnmpFailure): void {
    const pace = this.#pace
    const requests = this.#requests
    const columns = this.#asked.length + this.#scalars.length
    if (failure.kind === 'noSuchName' && this.#isV1) {
      endAt(this.#asked, failure.oid)
      this.step()
    } else if (failure.kind === 'timeout') {
      // One that answers other things may find this too much; one that is dead is none the better for less.
      if (requests.answered && !this.#isV1)
        pace.shrink({ rows: this.#rowsOf(requests.once ? 0 : 1), columns })
      this.#reject(failure)
    } else if (failure.kind === 'tooBig' && pace.shrink({ rows: this.#rows, columns })) this.step()
    else this.#reject(failure)
  }

  pdu(attempt: number): RequestPdu {
    const rows = this.#rowsOf(attempt)
    const isUsual = this.#scalars.length === (this.#level === -1 ? this.#allScalars.length : 0)
    if (this.#level !== undefined && this.#steps !== undefined && isUsual)
      return this.#steps.pdu(this.#level, rows, this.#scalars)
    const names = [...this.#scalars, ...this.#asked.map(({ position }) => position)]
    if (this.#isV1) return { type: pduTags.getNext, names }
    return { type: pduTags.getBulk, nonRepeaters: this.#scalars.length, maxRepetitions: rows, names }
  }

  varbinds(attempt: number): number {
    return this.#scalars.length + this.#asked.length * this.#rowsOf(attempt)
  }

  /** Takes an answer apart. Returns how many rows it had. */
  answered(message: MessageReader, attempt: number): number {
    this.#attempt = attempt
    const sink = this.#sink
    const maxRows = this.#maxRows
    const asked = this.#asked
    const reader = message.varbinds()
    const values = message.count - this.#scalars.length
    // What has no room for the scalars is too much for it; what has nothing at all is no answer.
    if (values < Math.min(1, asked.length))
      throw new SnmpFailure(message.count > 0 ? 'tooBig' : 'refused', 'the agent answered without a value')
    for (let at = 0; at < this.#scalars.length; at++) if (reader.next()) sink.scalar?.(at, reader)
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

  /** The bytes of an answer are gone once it is taken. */
  #keepNames(): void {
    for (const cursor of this.#asked) {
      const { long, done } = cursor
      if (long === undefined || done) continue
      const bytes = long.bytes.slice(long.start, long.end)
      cursor.long = { bytes, start: 0, end: bytes.length }
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
}

/** SNMPv1 has no other way to say that the MIB ends here. */
function endAt(asked: readonly Cursor[], oid: string | undefined): void {
  const ended = asked.filter(({ position: { bytes, start, end } }) => oidText(bytes, start, end) === oid)
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
    index >= 0 && cursor.long === undefined
      ? index > cursor.last
      : comesAfter(bytes, nameStart, nameEnd, cursor.position)
  if (!isNext) throw doesNotAdvance(cursor, bytes, nameStart, nameEnd)
  sink.take(cursor.place, index, cursor.rows, reader)
  cursor.last = index
  if (index < 0) cursor.long = { bytes, start: nameStart, end: nameEnd }
  else if (cursor.long !== undefined) cursor.long = undefined
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
  const { position } = cursor
  const last = oidText(position.bytes, position.start, position.end)
  return new SnmpFailure('refused', `the agent's table does not advance: ${next} after ${last}`)
}
