import { tooManyPoints } from '../series-query.ts'
import { keyFactor } from './sample-tables.ts'
import type { PackedColumns } from './worker-messages.ts'

const firstRoom = 1_024

/** What a column is called, and what its values are divided by. */
export interface CollectedField {
  readonly field: string
  readonly scale: number
}

/** A series by its id, and its tags as JSON. */
export interface CollectedSeries {
  readonly id: number
  readonly tags: string
}

/** Takes rows as they are found, series by series in the order of time but table by table, and puts each series together. */
export class RowCollector {
  readonly #all: readonly CollectedSeries[]
  readonly #fields: readonly CollectedField[]
  readonly #limit: number
  /** The number of the series whose row came last, and its first key. */
  #current = 0
  #firstKey = Number.NaN
  #series = new Int32Array(firstRoom)
  #at = new Float64Array(firstRoom)
  #columns: Float64Array[]
  #length = 0

  /** `all`: the series of which rows may come, in the order of their ids. */
  constructor(all: readonly CollectedSeries[], fields: readonly CollectedField[], limit: number) {
    this.#all = all
    this.#fields = fields
    this.#limit = limit
    this.#columns = fields.map(() => new Float64Array(firstRoom))
  }

  /**
   * `row` is its key, then the values; one without any number is none. Within a table rows come in the order of keys.
   * @throws FaultlineError REQUEST_INVALID for one row more than the limit.
   */
  take(tableStart: number, row: readonly unknown[]): void {
    const to = this.#length
    if (to === this.#at.length) this.#grow()
    const columns = this.#columns
    let isEmpty = true
    for (let i = 0; i < columns.length; i++) {
      const value = row[i + 1]
      const column = columns[i]
      if (column === undefined) continue
      if (typeof value === 'number') {
        isEmpty = false
        column[to] = value
      } else column[to] = Number.NaN
    }
    if (isEmpty) return
    if (to === this.#limit) throw tooManyPoints(this.#limit)
    const key = Number(row[0])
    if (!(key >= this.#firstKey && key < this.#firstKey + keyFactor))
      this.#moveTo(Math.floor(key / keyFactor))
    this.#series[to] = this.#current
    this.#at[to] = tableStart + key - this.#firstKey
    this.#length++
  }

  #moveTo(id: number): void {
    if (id < (this.#all[this.#current]?.id ?? 0)) this.#current = 0
    while ((this.#all[this.#current]?.id ?? id) < id) this.#current++
    this.#firstKey = id * keyFactor
  }

  finish(): PackedColumns {
    const counts = new Uint32Array(this.#all.length)
    for (let row = 0; row < this.#length; row++) this.#count(counts, row)
    const next = new Uint32Array(this.#all.length)
    const ends: number[] = []
    let end = 0
    for (let i = 0; i < this.#all.length; i++) {
      next[i] = end
      end += counts[i] ?? 0
      if (end > (ends.at(-1) ?? 0)) ends.push(end)
    }
    const found = this.#all.flatMap(({ tags }, i) => ((counts[i] ?? 0) > 0 ? [tags] : []))
    const places = new Uint32Array(this.#length)
    for (let row = 0; row < this.#length; row++) places[row] = this.#count(next, row)
    const moved = (from: Float64Array | undefined, scale: number) => {
      const to = new Float64Array(this.#length)
      if (from !== undefined)
        for (let row = 0; row < to.length; row++) to[places[row] ?? 0] = (from[row] ?? Number.NaN) / scale
      return to
    }
    const values = this.#fields.map(({ field, scale }, i) => [field, moved(this.#columns[i], scale)] as const)
    return {
      tags: `[${found.join()}]`,
      ends: Uint32Array.from(ends),
      at: moved(this.#at, 1),
      values: Object.fromEntries(values),
    }
  }

  /** The count of the row's series before this row, raised by one. */
  #count(counts: Uint32Array, row: number): number {
    const series = this.#series[row] ?? 0
    const before = counts[series] ?? 0
    counts[series] = before + 1
    return before
  }

  #grow(): void {
    const room = 2 * this.#at.length
    const wider = (from: Float64Array) => {
      const to = new Float64Array(room)
      to.set(from)
      return to
    }
    const series = new Int32Array(room)
    series.set(this.#series)
    this.#series = series
    this.#at = wider(this.#at)
    this.#columns = this.#columns.map(wider)
  }
}
