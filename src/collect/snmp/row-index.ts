/** Which row each index of a table has. Rows keep their places from poll to poll, so finding one is a look at one number. */
export class RowIndex {
  readonly indexes: number[]
  /** Made when indexes do not come in order. */
  #places: Map<number, number> | undefined

  constructor(indexes: Iterable<number> = []) {
    this.indexes = [...indexes]
    this.#places = isAscending(this.indexes) ? undefined : placesOf(this.indexes)
  }

  get size(): number {
    return this.indexes.length
  }

  /** The row of an index, a new one if need be. `hint` is where it probably is. */
  row(index: number, hint: number): number {
    const { indexes } = this
    if (indexes[hint] === index) return hint
    return this.find(index) ?? this.#append(index)
  }

  find(index: number): number | undefined {
    if (this.#places !== undefined) return this.#places.get(index)
    let low = 0
    let high = this.indexes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.indexes[middle] ?? 0) < index) low = middle + 1
      else high = middle
    }
    return this.indexes[low] === index ? low : undefined
  }

  #append(index: number): number {
    const row = this.indexes.push(index) - 1
    if (this.#places !== undefined) this.#places.set(index, row)
    else if (row > 0 && (this.indexes[row - 1] ?? 0) > index) this.#places = placesOf(this.indexes)
    return row
  }
}

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, at) => at === 0 || (numbers[at - 1] ?? 0) < number)

const placesOf = (numbers: readonly number[]): Map<number, number> =>
  new Map(numbers.map((number, at) => [number, at]))
