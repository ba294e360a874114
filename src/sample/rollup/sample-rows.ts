import type { RowPool, RowValues } from './row-pool.ts'

/** The samples of one series within one hour, in the order of time. They lie in a pool, with those of others. */
export class SampleRows {
  readonly #pool: RowPool
  readonly #list: number

  /** Without a list: a new one. */
  constructor(pool: RowPool, list = pool.newList()) {
    this.#pool = pool
    this.#list = list
  }

  get length(): number {
    return this.#pool.length(this.#list)
  }

  /** A sample of the same time replaces the values that it has itself, as a store does. */
  put(offsetMs: number, values: RowValues): void {
    this.#pool.put(this.#list, offsetMs, values)
  }

  /** The values of a column from `fromMs` until before `toMs`, in the order of time; what was not measured is left out. */
  values(column: number, fromMs: number, toMs: number): number[] {
    return this.#pool.values(this.#list, column, fromMs, toMs)
  }

  count(fromMs: number, toMs: number): number {
    return this.#pool.count(this.#list, fromMs, toMs)
  }

  /** Every sample: its ms within the hour and its values. */
  entries(): Generator<readonly [offsetMs: number, values: RowValues]> {
    return this.#pool.entries(this.#list)
  }
}
