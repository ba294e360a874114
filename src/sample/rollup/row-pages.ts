/** Rows of a page: few enough that a series wastes little of its last one. */
export const pageRows = 8

/** A run of pages that lie together. */
interface RowChunk {
  /** Milliseconds within the hour, by row. */
  readonly offsets: Uint32Array
  /** Values by row and column. */
  readonly values: Uint32Array | Float64Array
  /** The page that follows, by page. */
  readonly next: Int32Array
}

/**
 * Whole numbers from 0 to 2^32 - 2 need four bytes, and no more than these are `narrow` pages for: rates of 4.2 Gbit/s.
 * `wide` ones take any number.
 */
export type PageWidth = 'narrow' | 'wide'

/** Not measured, in a narrow page. In a wide one it is NaN. */
const unmeasured = 2 ** 32 - 1

export const isNarrow = (value: number): boolean => value >>> 0 === value && value !== unmeasured

/** Pages of rows, chained: an array of its own for each series costs 600 bytes more than it holds. */
export class RowPages {
  readonly columns: number
  /** What a column has that was not measured. */
  readonly missing: number
  readonly #width: PageWidth
  readonly #pagesPerChunk: number
  readonly #chunks: RowChunk[] = []
  #pages = 0
  /** Pages that were given back, chained. */
  #free = -1

  constructor(columns: number, width: PageWidth, pagesPerChunk: number) {
    this.columns = columns
    this.missing = width === 'narrow' ? unmeasured : Number.NaN
    this.#width = width
    this.#pagesPerChunk = pagesPerChunk
  }

  /** A page that nobody has, with none after it. */
  take(): number {
    const page = this.#free === -1 ? this.#newPage() : this.#free
    if (page === this.#free) this.#free = this.next(page)
    this.link(page, -1)
    return page
  }

  /** These pages are nobody's any more: from one to the end of its chain. */
  giveBack(first: number): void {
    for (let page = first; page !== -1; ) {
      const after = this.next(page)
      this.link(page, this.#free)
      this.#free = page
      page = after
    }
  }

  /** -1: the last of its chain. */
  next(page: number): number {
    return this.chunk(page).next[page % this.#pagesPerChunk] ?? -1
  }

  link(page: number, next: number): void {
    this.chunk(page).next[page % this.#pagesPerChunk] = next
  }

  chunk(page: number): RowChunk {
    const chunk = this.#chunks[Math.floor(page / this.#pagesPerChunk)]
    if (chunk === undefined) throw new RangeError(`there is no page ${page}`)
    return chunk
  }

  /** Where the first row of a page is within its chunk. */
  slot(page: number): number {
    return (page % this.#pagesPerChunk) * pageRows
  }

  /** Gives back all memory at once, and not when it is next collected; nothing may be read after. */
  release(): void {
    for (const { offsets, values, next } of this.#chunks.splice(0))
      for (const { buffer } of [offsets, values, next]) if (buffer instanceof ArrayBuffer) buffer.transfer(0)
  }

  #newPage(): number {
    if (this.#pages === this.#chunks.length * this.#pagesPerChunk) {
      const rows = this.#pagesPerChunk * pageRows
      const values = rows * this.columns
      this.#chunks.push({
        offsets: new Uint32Array(rows),
        values: this.#width === 'narrow' ? new Uint32Array(values) : new Float64Array(values),
        next: new Int32Array(this.#pagesPerChunk),
      })
    }
    return this.#pages++
  }
}
