/** Rows of a page: few enough that a series wastes little of its last one. */
export const pageRows = 8

/** Pages of a chunk, for pools of many series: chunks of half a megabyte or so. */
const manyPages = 4_096

/** A run of pages that lie together. */
export interface RowChunk {
  /** Milliseconds within the hour, by row. */
  readonly offsets: Uint32Array
  /** Values by row and column; NaN: not measured. */
  readonly values: Float64Array
}

/**
 * Where the rows of many series lie, since an array of its own for each costs 600 bytes more than it holds. Pages are
 * never given back: a pool is of one hour, and goes as a whole.
 */
export class RowPool {
  readonly columns: number
  readonly pagesPerChunk: number
  readonly #chunks: RowChunk[] = []
  #pages = 0

  constructor(columns: number, pagesPerChunk = manyPages) {
    this.columns = columns
    this.pagesPerChunk = pagesPerChunk
  }

  /** The number of a page that nobody has. */
  newPage(): number {
    if (this.#pages % this.pagesPerChunk === 0) {
      const rows = this.pagesPerChunk * pageRows
      this.#chunks.push({
        offsets: new Uint32Array(rows),
        values: new Float64Array(rows * this.columns),
      })
    }
    return this.#pages++
  }

  chunkOf(page: number): RowChunk {
    const chunk = this.#chunks[Math.floor(page / this.pagesPerChunk)]
    if (chunk === undefined) throw new RangeError(`there is no page ${page}`)
    return chunk
  }
}
