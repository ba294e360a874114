/** What tells the index of each row of a table. */
export interface IndexedRows {
  readonly length: number
  index(row: number): number
}

/**
 * Which row each index of a table has, during one poll. Rows keep their places from poll to poll, so finding one is
 * almost always a look at one number.
 */
export class RowIndex {
  readonly #known: IndexedRows
  /** Those that are not among the known, behind them. */
  #added: number[] | undefined
  /** Made when rows are not where they are looked for, and indexes do not come in order. */
  #places: Map<number, number> | undefined
  #isAscending: boolean | undefined

  constructor(known: IndexedRows) {
    this.#known = known
  }

  get size(): number {
    return this.#known.length + (this.#added?.length ?? 0)
  }

  /** Rows that were not known before. */
  get added(): number {
    return this.#added?.length ?? 0
  }

  /** The index of a row. */
  at(row: number): number {
    const known = this.#known
    return row < known.length ? known.index(row) : (this.#added?.[row - known.length] ?? 0)
  }

  /** The row of an index, a new one if need be. `hint` is where it probably is. */
  row(index: number, hint: number): number {
    const known = this.#known
    if (hint < known.length && known.index(hint) === index) return hint
    return this.#find(index) ?? this.#append(index)
  }

  #find(index: number): number | undefined {
    if (this.#places !== undefined) return this.#places.get(index)
    this.#isAscending ??= isAscending(this.#known)
    if (!this.#isAscending || this.#added !== undefined) {
      this.#places = new Map()
      for (let row = 0; row < this.size; row++) this.#places.set(this.at(row), row)
      return this.#places.get(index)
    }
    let low = 0
    let high = this.#known.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#known.index(middle) < index) low = middle + 1
      else high = middle
    }
    return low < this.#known.length && this.#known.index(low) === index ? low : undefined
  }

  #append(index: number): number {
    const row = this.size
    this.#added ??= []
    this.#added.push(index)
    this.#places?.set(index, row)
    return row
  }
}

function isAscending(rows: IndexedRows): boolean {
  for (let row = 1; row < rows.length; row++) if (rows.index(row - 1) >= rows.index(row)) return false
  return true
}
