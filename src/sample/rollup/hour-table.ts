import { RowPool } from './row-pool.ts'
import { SampleRows } from './sample-rows.ts'

/**
 * `whole`: this process sees all of it. `begun`: it was running already at the start; what ended before the start comes
 * from the store. `late`: it was closed when a sample came; nothing is made of it until the store has told the rest.
 */
export type Seen = 'whole' | 'begun' | 'late'

/**
 * One hour of many series, by the numbers that they have. There are 50,000 of them, so none is an object of its own. When
 * the hour is over, all its memory goes.
 */
export class HourTable {
  readonly hour: number
  readonly seen: Seen
  /** Where the first 5 minutes begin that were not told yet when a series opens, ms within the hour. */
  readonly #untoldAtFirst: number
  readonly #rows: RowPool
  /** By series: its list of rows plus 1, 0 while the hour is not open for it. */
  #lists = new Int32Array(64)
  /** By list. */
  #latest = new Float64Array(64)
  #untold = new Uint32Array(64)
  #open = 0

  constructor(hour: number, seen: Seen, columns: number, untold: number) {
    this.hour = hour
    this.seen = seen
    this.#untoldAtFirst = untold
    this.#rows = new RowPool(columns)
  }

  /** For how many series it is open. */
  get open(): number {
    return this.#open
  }

  /** Of the series for which it is open. */
  get samples(): number {
    return this.#lists.reduce((sum, list) => (list === 0 ? sum : sum + this.#rows.length(list - 1)), 0)
  }

  isOpen(series: number): boolean {
    return (this.#lists[series] ?? 0) !== 0
  }

  openFor(series: number): void {
    const list = this.#rows.newList()
    this.#lists = withRoom(this.#lists, series, (length) => new Int32Array(length))
    this.#latest = withRoom(this.#latest, list, (length) => new Float64Array(length))
    this.#untold = withRoom(this.#untold, list, (length) => new Uint32Array(length))
    this.#lists[series] = list + 1
    this.#latest[list] = Number.NaN
    this.#untold[list] = this.#untoldAtFirst
    this.#open++
  }

  close(series: number): void {
    this.#lists[series] = 0
    this.#open--
  }

  put(series: number, offsetMs: number, values: readonly (number | undefined)[]): void {
    this.#rows.put(this.#list(series), offsetMs, values)
  }

  /** They stay when the hour is closed, until `release`. */
  rows(series: number): SampleRows {
    return new SampleRows(this.#rows, this.#list(series))
  }

  latest(series: number): number | undefined {
    const value = this.#latest[this.#list(series)] ?? Number.NaN
    return Number.isNaN(value) ? undefined : value
  }

  setLatest(series: number, value: number): void {
    this.#latest[this.#list(series)] = value
  }

  /** Where the first 5 minutes begin that were not told yet, ms within the hour. */
  untold(series: number): number {
    return this.#untold[this.#list(series)] ?? 0
  }

  setUntold(series: number, offsetMs: number): void {
    this.#untold[this.#list(series)] = offsetMs
  }

  /** Gives back the memory of all rows; nobody may hold any. */
  release(): void {
    this.#rows.release()
  }

  #list(series: number): number {
    return (this.#lists[series] ?? 0) - 1
  }
}

function withRoom<A extends Int32Array | Uint32Array | Float64Array>(
  array: A,
  index: number,
  create: (length: number) => A,
): A {
  if (index < array.length) return array
  const larger = create(2 * index)
  larger.set(array)
  return larger
}
