import type { OidRange } from './codec/oid.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { ColumnCursor, indexIn, noValue } from './column-cursor.ts'
import type { ColumnSink } from './walk-columns.ts'

/**
 * How far columns were read that have the same rows, as those of most tables do: row by row, so that a few numbers say
 * it of all. A walk begins like this, and goes on with a cursor for each column where a table turns out otherwise.
 */
export class LevelRows {
  readonly columns: readonly OidRange[]
  /** Index of the last row that is complete; -1 before the first. */
  last = -1
  /** Index of the row that is being read, as far as before `place`; the same as `last` when none is. */
  lead = -1
  /** The column that is next. */
  place = 0
  /** Complete ones. */
  rows = 0
  /** The columns before `place` have shown that they have no more. */
  isEnding = false
  /** All have. */
  isOver = false

  constructor(columns: readonly OidRange[]) {
    this.columns = columns
  }

  /** Takes the value that comes next in a table that is read row by row; false for any other. */
  take(value: VarbindReader, sink: ColumnSink): boolean {
    const { columns, place } = this
    const column = columns[place]
    if (this.isOver || column === undefined) return this.isOver
    const index = indexIn(column, value)
    if (index === noValue) return this.#end()
    if (this.isEnding || (place === 0 ? index <= this.last : index !== this.lead)) return false
    sink.take(place, index, this.rows, value)
    this.lead = index
    if (++this.place === columns.length) {
      this.place = 0
      this.last = index
      this.rows++
    }
    return true
  }

  /** Takes the value that comes next if it shows that its column has no more; false for any other. */
  takeEnd(value: VarbindReader): boolean {
    const column = this.columns[this.place]
    if (this.isOver || column === undefined) return this.isOver
    return indexIn(column, value) === noValue && this.#end()
  }

  /** The column that is next has no more: then nor have the others, as each has yet to show. */
  #end(): boolean {
    if (this.place > 0 && !this.isEnding) return false
    this.isEnding = true
    if (++this.place === this.columns.length) this.isOver = true
    return true
  }

  /** The same, by a cursor for each column. */
  cursors(): readonly ColumnCursor[] {
    return this.columns.map((column, place) => {
      const cursor = new ColumnCursor(place, column)
      const isAhead = place < this.place
      cursor.last = isAhead ? this.lead : this.last
      cursor.rows = isAhead && !this.isEnding ? this.rows + 1 : this.rows
      cursor.done = this.isOver || (isAhead && this.isEnding)
      return cursor
    })
  }
}
