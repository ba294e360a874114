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
  /** How many these are. */
  readonly #knownLength: number
  /** Those that are not among the known, behind them. */
  readonly #added: number[] = []
  /** Undefined until it matters. */
  #isAscending: boolean | undefined
  /** Made when rows are not where they are looked for, and indexes do not come in order. */
  #places: Map<number, number> | undefined

  constructor(known: IndexedRows) {
    this.#known = known
    this.#knownLength = known.length
  }

  get size(): number {
    return this.#knownLength + this.#added.length
  }

  /** Rows that were not known before. */
  get added(): number {
    return this.#added.length
  }

  /** The index of a row. */
  at(row: number): number {
    const known = this.#knownLength
    return row < known ? this.#known.index(row) : (this.#added[row - known] ?? 0)
  }

  /** The row of an index, a new one if need be. `hint` is where it probably is. */
  row(index: number, hint: number): number {
    if (hint < this.#knownLength && this.#known.index(hint) === index) return hint
    return this.find(index, hint) ?? this.#append(index)
  }

  /** The row of an index, if there is one. */
  find(index: number, hint: number): number | undefined {
    if (hint < this.size && this.at(hint) === index) return hint
    this.#isAscending ??= this.#comesInOrder()
    if (!this.#isAscending) {
      this.#places ??= this.#allPlaces()
      return this.#places.get(index)
    }
    let low = 0
    let high = this.size
    // The end first: a table that is read for the first time only grows.
    if (high > 0 && this.at(high - 1) < index) return undefined
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.at(middle) < index) low = middle + 1
      else high = middle
    }
    return low < this.size && this.at(low) === index ? low : undefined
  }

  #append(index: number): number {
    const row = this.size
    if (row > 0 && this.at(row - 1) > index) this.#isAscending = false
    this.#added.push(index)
    this.#places?.set(index, row)
    return row
  }

  #comesInOrder(): boolean {
    for (let row = 1; row < this.size; row++) if (this.at(row - 1) >= this.at(row)) return false
    return true
  }

  #allPlaces(): Map<number, number> {
    const places = new Map<number, number>()
    for (let row = 0; row < this.size; row++) places.set(this.at(row), row)
    return places
  }
}
