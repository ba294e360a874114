/** Rows of many series as columns: little to carry from one thread to another, and quick to go through. */
export interface Columns<F extends string = string> {
  /** In any order. The rows of one, `end` exclusive, lie together in the order of time; one without rows is absent. */
  readonly series: readonly SeriesRows[]
  /** UTC epoch ms. */
  readonly at: Float64Array
  /** NaN: not measured at that time. A row has at least one value. */
  readonly values: Readonly<Record<F, Float64Array>>
}

export interface SeriesRows {
  readonly tags: Readonly<Record<string, string>>
  readonly start: number
  readonly end: number
}

/** A column of one series, not copied. */
export const columnOf = <F extends string>(
  { values }: Columns<F>,
  { start, end }: SeriesRows,
  field: NoInfer<F>,
): Float64Array => values[field].subarray(start, end)

/** The last value that was measured in a column; undefined when there is none. */
export function lastIn(column: Float64Array): number | undefined {
  for (let row = column.length - 1; row >= 0; row--) {
    const value = column[row]
    if (value !== undefined && !Number.isNaN(value)) return value
  }
  return undefined
}
