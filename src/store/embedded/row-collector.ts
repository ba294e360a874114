import { tooManyPoints } from '../series-query.ts'
import type { PackedColumns } from './worker-messages.ts'

const firstRoom = 1_024

/** What a column is called, and what its values are divided by. */
export interface CollectedField {
  readonly field: string
  readonly scale: number
}

/** Takes rows as they are found, series by series in the order of time but table by table, and puts each series together. */
export class RowCollector {
  readonly #fields: readonly CollectedField[]
  readonly #limit: number
  #series = new Int32Array(firstRoom)
  #at = new Float64Array(firstRoom)
  #columns: Float64Array[]
  #length = 0

  constructor(fields: readonly CollectedField[], limit: number) {
    this.#fields = fields
    this.#limit = limit
    this.#columns = fields.map(() => new Float64Array(firstRoom))
  }

  /**
   * `row` is the number of its series, ms since `start`, then the values. One without any number is none.
   * @throws FaultlineError REQUEST_INVALID for one row more than the limit.
   */
  take(start: number, row: readonly unknown[]): void {
    const to = this.#length
    if (to === this.#at.length) this.#grow()
    const columns = this.#columns
    let isEmpty = true
    for (let i = 0; i < columns.length; i++) {
      const value = row[i + 2]
      const column = columns[i]
      if (column === undefined) continue
      if (typeof value === 'number') {
        isEmpty = false
        column[to] = value
      } else column[to] = Number.NaN
    }
    if (isEmpty) return
    if (to === this.#limit) throw tooManyPoints(this.#limit)
    this.#series[to] = Number(row[0])
    this.#at[to] = start + Number(row[1])
    this.#length++
  }

  /** `tags`: JSON, by the numbers that `take` was given. */
  finish(tags: readonly string[]): PackedColumns {
    const counts = new Uint32Array(tags.length)
    for (let row = 0; row < this.#length; row++) this.#count(counts, row)
    const next = new Uint32Array(tags.length)
    const ends: number[] = []
    let end = 0
    for (let i = 0; i < tags.length; i++) {
      next[i] = end
      end += counts[i] ?? 0
      if (end > (ends.at(-1) ?? 0)) ends.push(end)
    }
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
      tags: `[${tags.filter((_, i) => (counts[i] ?? 0) > 0).join()}]`,
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
