import type { BulkPace } from './bulk-pace.ts'
import type { MessageReader } from './codec/message-reader.ts'
import { type OidRange, oidText, withArc } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import type { ColumnCursor } from './column-cursor.ts'
import { LevelRows } from './level-rows.ts'
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
  /**
   * When so many of the first columns have shown that there are no more rows than expected, nor have the others. By
   * default each has to show it.
   */
  readonly endShownBy?: number | undefined
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
  readonly #options: WalkOptions
  readonly #allScalars: readonly OidRange[]
  readonly #isV1: boolean
  /** Undefined once the columns have to be read each for itself. */
  #level: LevelRows | undefined
  #cursors: readonly ColumnCursor[] = []
  /** Those that the step asks for, in its order. */
  #asked: readonly ColumnCursor[] = []
  /** How many columns the step asks for, and how many rows of them. */
  #width = 0
  #rows = 0
  /** The attempt that was answered: each asks for half of the one before. */
  #attempt = 0

  constructor(
    requests: Requests,
    options: WalkOptions,
    resolve: (rows: readonly number[]) => void,
    reject: (failure: unknown) => void,
  ) {
    this.#requests = requests
    this.#resolve = resolve
    this.#reject = reject
    this.#options = options
    this.#allScalars = options.scalars ?? noScalars
    this.#isV1 = requests.version === '1'
    this.#scalars = this.#isV1 ? noScalars : this.#allScalars
    const level = new LevelRows(options.columns)
    // SNMPv1 says of one column at a time that it has no more.
    if (this.#isV1) this.#leaveLevel(level)
    else this.#level = level
  }

  /** Asks for what is next, or ends. */
  step(): void {
    try {
      const { pace } = this.#options
      if (!this.#begin()) this.#resolve(this.#counts())
      else if (this.#scalars.length > 0 && this.#scalars.length >= pace.columns) this.#askScalars()
      else this.#requests.begin(this)
    } catch (error) {
      this.#reject(error)
    }
  }

  /** How many values each column has. */
  #counts(): readonly number[] {
    const level = this.#level
    if (level === undefined) return this.#cursors.map(({ rows }) => rows)
    return level.columns.map(() => level.rows)
  }

  /** There is room for nothing beside them. */
  #askScalars(): void {
    const { sink } = this.#options
    const end = () => {
      this.#scalars = noScalars
      this.step()
    }
    askScalars(this.#requests, this.#scalars, sink).then(end, this.#reject)
  }

  /** Chooses what to ask for next; false when all is read. */
  #begin(): boolean {
    const level = this.#level
    const { columns, pace } = this.#options
    const most = Math.max(0, pace.columns - this.#scalars.length)
    if (level !== undefined) {
      if (this.#isOver(level)) return false
      if (level.place === 0 && most >= columns.length && columns.length > 0) {
        this.#width = columns.length
        this.#rows = this.#rowsToAsk(level.rows)
        return true
      }
      this.#leaveLevel(level)
    }
    return this.#choose(most)
  }

  #isOver({ isOver, isEnding, place, rows }: LevelRows): boolean {
    const { endShownBy, expectedRows } = this.#options
    return isOver || (isEnding && endShownBy !== undefined && place >= endShownBy && rows === expectedRows)
  }

  /** From now on each column is read for itself; all were asked for. */
  #leaveLevel(level: LevelRows): void {
    this.#level = undefined
    this.#cursors = level.cursors()
    this.#asked = this.#cursors
  }

  /** Chooses at most so many columns. */
  #choose(most: number): boolean {
    const open = this.#cursors.filter(({ done }) => !done)
    // Columns that are being read are ended before others begin, so that those in one message have as many rows left.
    const begun = open.filter(({ rows }) => rows > 0)
    const asked = (begun.length > 0 ? begun : open).slice(0, most)
    const least = asked.reduce((fewest, { rows }) => Math.min(fewest, rows), Number.POSITIVE_INFINITY)
    this.#asked = asked
    this.#width = asked.length
    this.#rows = this.#isV1 ? 1 : this.#rowsToAsk(least)
    return open.length > 0
  }

  /** The step was answered with so many rows. */
  resolve(told: number): void {
    const { pace } = this.#options
    const wanted = this.#rowsOf(this.#attempt)
    if (wanted < this.#rows) pace.shrink({ rows: wanted * 2, columns: this.#width })
    // Agents leave off at the size that they like; at the end of a table there is nothing to learn from it.
    else if (!this.#isV1 && told < Math.min(wanted, pace.rows) && !this.#isAtEnd()) pace.fits(told)
    this.#scalars = noScalars
    this.step()
  }

  #isAtEnd(): boolean {
    return this.#level === undefined ? this.#asked.some(({ done }) => done) : this.#level.isEnding
  }

  /** The step failed: so does the walk, unless it is to be tried with less. */
  reject(failure: SnmpFailure): void {
    const { pace } = this.#options
    const requests = this.#requests
    const columns = this.#width + this.#scalars.length
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
    const scalars = this.#scalars
    const level = this.#level
    if (level !== undefined) {
      const { steps, columns } = this.#options
      const { last } = level
      const isUsual = scalars.length === (last === -1 ? this.#allScalars.length : 0)
      if (steps !== undefined && isUsual) return steps.pdu(last, rows, scalars)
      return bulk(rows, scalars, last < 0 ? columns : columns.map((column) => withArc(column, last)))
    }
    const names = this.#asked.map(({ position }) => position)
    if (this.#isV1) return { type: pduTags.getNext, names }
    return bulk(rows, scalars, names)
  }

  varbinds(attempt: number): number {
    return this.#scalars.length + this.#width * this.#rowsOf(attempt)
  }

  /** Takes an answer apart. Returns how many rows it had. */
  answered(message: MessageReader, attempt: number): number {
    this.#attempt = attempt
    const { sink, pace } = this.#options
    const reader = message.varbinds()
    const values = message.count - this.#scalars.length
    const width = this.#width
    // What has no room for the scalars is too much for it; what has nothing at all is no answer.
    if (values < Math.min(1, width))
      throw new SnmpFailure(message.count > 0 ? 'tooBig' : 'refused', 'the agent answered without a value')
    for (let at = 0; at < this.#scalars.length; at++) if (reader.next()) sink.scalar?.(at, reader)
    if (width === 0) return 0
    const rows = Math.floor(values / width)
    // A row that was cut off is asked for again, so that columns stay side by side.
    const usable = rows === 0 ? values : rows * width
    const taken = this.#takeLevel(reader, usable, values)
    if (this.#level === undefined) this.#takeEach(reader, taken, usable)
    if (rows > 0) pace.answered(rows, message.end - message.start)
    return rows
  }

  /**
   * Takes values as long as they come row by row, and the end of the table, also where that was cut off. Returns how many
   * of the usable ones; the reader is before the next one.
   */
  #takeLevel(reader: VarbindReader, usable: number, values: number): number {
    const level = this.#level
    if (level === undefined) return 0
    const { sink } = this.#options
    let at = 0
    let isLevel = true
    while (at < usable && isLevel && reader.next()) {
      isLevel = level.take(reader, sink)
      at++
    }
    this.#limit(level.rows, 0)
    if (isLevel) {
      if (rowIsWhole(level)) for (; at < values && reader.next() && level.takeEnd(reader); at++);
      return usable
    }
    this.#leaveLevel(level)
    this.#takeOne(at - 1, reader)
    return at
  }

  #takeEach(reader: VarbindReader, taken: number, usable: number): void {
    for (let at = taken; at < usable && reader.next(); at++) this.#takeOne(at, reader)
    for (const cursor of this.#asked) cursor.keepName()
  }

  /** Takes the value that came as the `at`-th. */
  #takeOne(at: number, value: VarbindReader): void {
    const cursor = this.#asked[at % this.#width]
    if (cursor === undefined || cursor.done) return
    cursor.take(value, this.#options.sink)
    this.#limit(cursor.rows, cursor.place)
  }

  #limit(rows: number, place: number): void {
    const { maxRows, columns } = this.#options
    const column = columns[place]
    if (rows <= maxRows || column === undefined) return
    const table = oidText(column.bytes, 0, column.bytes.length)
    throw new SnmpFailure('refused', `the agent's table ${table} has more than ${maxRows} rows`)
  }

  #rowsOf(attempt: number): number {
    return Math.max(1, this.#rows >> attempt)
  }

  /** How many rows to ask for behind those that are read: what is expected and one more, which shows the end. */
  #rowsToAsk(read: number): number {
    const { pace, expectedRows, endShownBy } = this.#options
    if (expectedRows === undefined || this.#width === 0) return pace.rows
    const left = expectedRows - read + 1
    // What is left of an answer that has room for no other row may still show the end.
    if (left === pace.rows + 1 && endShownBy !== undefined && pace.leavesOff) return left
    return left > 0 ? Math.min(pace.rows, left) : pace.rows
  }
}

const rowIsWhole = ({ place, isEnding }: LevelRows): boolean => place === 0 || isEnding

const bulk = (rows: number, scalars: readonly OidRange[], names: readonly OidRange[]): RequestPdu => ({
  type: pduTags.getBulk,
  nonRepeaters: scalars.length,
  maxRepetitions: rows,
  names: [...scalars, ...names],
})

/** SNMPv1 has no other way to say that the MIB ends here. */
function endAt(asked: readonly ColumnCursor[], oid: string | undefined): void {
  const ended = asked.filter(({ position: { bytes, start, end } }) => oidText(bytes, start, end) === oid)
  for (const cursor of ended.length > 0 ? ended : asked) cursor.done = true
}
