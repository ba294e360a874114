import { pageRows, type RowPool } from './row-pool.ts'

/**
 * The samples of one series within one hour, in the order of time: of each its ms within the hour (4 bytes) and a float64
 * a column. 60 samples of two columns are 1,280 bytes in their pool.
 */
export class SampleRows {
  readonly #pool: RowPool
  readonly #pages: number[] = []
  #length = 0

  /** The pool says how many columns there are. */
  constructor(pool: RowPool) {
    this.#pool = pool
  }

  get length(): number {
    return this.#length
  }

  /** A sample of the same time replaces the values that it has itself, as a store does. */
  put(offsetMs: number, values: readonly (number | undefined)[]): void {
    const row = this.#indexOf(offsetMs)
    const isNew = row === this.#length || this.#offset(row) !== offsetMs
    if (isNew) this.#open(row, offsetMs)
    for (let column = 0; column < this.#pool.columns; column++) {
      const value = values[column]
      if (value !== undefined) this.#set(row, column, value)
      else if (isNew) this.#set(row, column, Number.NaN)
    }
  }

  /** The values of a column from `fromMs` until before `toMs`, in the order of time; what was not measured is left out. */
  values(column: number, fromMs: number, toMs: number): number[] {
    const found: number[] = []
    const end = this.#indexOf(toMs)
    for (let row = this.#indexOf(fromMs); row < end; row++) {
      const value = this.#value(row, column)
      if (!Number.isNaN(value)) found.push(value)
    }
    return found
  }

  count(fromMs: number, toMs: number): number {
    return this.#indexOf(toMs) - this.#indexOf(fromMs)
  }

  /** Every sample: its ms within the hour and its values. */
  *entries(): Generator<readonly [offsetMs: number, values: readonly (number | undefined)[]]> {
    for (let row = 0; row < this.#length; row++) {
      const values = Array.from({ length: this.#pool.columns }, (_, column) => this.#value(row, column))
      yield [this.#offset(row), values.map((value) => (Number.isNaN(value) ? undefined : value))]
    }
  }

  /** The first row at or after that time. */
  #indexOf(offsetMs: number): number {
    // Most samples come after all others.
    if (this.#length === 0 || this.#offset(this.#length - 1) < offsetMs) return this.#length
    let low = 0
    let high = this.#length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#offset(middle) < offsetMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Makes room for a row, moving those after it. */
  #open(row: number, offsetMs: number): void {
    if (this.#length === this.#pages.length * pageRows) this.#pages.push(this.#pool.newPage())
    this.#length++
    for (let to = this.#length - 1; to > row; to--) {
      this.#setOffset(to, this.#offset(to - 1))
      for (let column = 0; column < this.#pool.columns; column++)
        this.#set(to, column, this.#value(to - 1, column))
    }
    this.#setOffset(row, offsetMs)
  }

  /** The row's number within its chunk. */
  #slot(row: number): number {
    const page = this.#pages[Math.floor(row / pageRows)] ?? 0
    return (page % this.#pool.pagesPerChunk) * pageRows + (row % pageRows)
  }

  #chunk(row: number) {
    return this.#pool.chunkOf(this.#pages[Math.floor(row / pageRows)] ?? 0)
  }

  #offset(row: number): number {
    return this.#chunk(row).offsets[this.#slot(row)] ?? Number.NaN
  }

  #setOffset(row: number, offsetMs: number): void {
    this.#chunk(row).offsets[this.#slot(row)] = offsetMs
  }

  #value(row: number, column: number): number {
    return this.#chunk(row).values[this.#slot(row) * this.#pool.columns + column] ?? Number.NaN
  }

  #set(row: number, column: number, value: number): void {
    this.#chunk(row).values[this.#slot(row) * this.#pool.columns + column] = value
  }
}
