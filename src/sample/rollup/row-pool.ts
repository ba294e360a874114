import { isNarrow, pageRows, RowPages } from './row-pages.ts'

/** Undefined: not measured. */
export type RowValues = readonly (number | undefined)[]

/** Pages of a chunk, for pools of many series: chunks of half a megabyte or so. */
const manyPages = 4_096

/**
 * The rows of many series: of each its ms within the hour (4 bytes), and 4 bytes a column while a series has only whole
 * numbers below 2^32 - 1, or else a float64. 60 samples of two columns are 720 bytes, or 1,200. What is put in is what
 * comes out.
 */
export class RowPool {
  readonly #narrow: RowPages
  readonly #wide: RowPages
  /** By list: the first and the last page, -1 where there is none. */
  #first = new Int32Array(4)
  #last = new Int32Array(4)
  #length = new Uint32Array(4)
  #isWide = new Uint8Array(4)
  #lists = 0

  constructor(columns: number, pagesPerChunk = manyPages) {
    this.#narrow = new RowPages(columns, 'narrow', pagesPerChunk)
    this.#wide = new RowPages(columns, 'wide', pagesPerChunk)
  }

  /** The number of a list of rows that nobody has. */
  newList(): number {
    const list = this.#lists++
    if (list === this.#first.length) {
      this.#first = grown(this.#first, new Int32Array(2 * list))
      this.#last = grown(this.#last, new Int32Array(2 * list))
      this.#length = grown(this.#length, new Uint32Array(2 * list))
      this.#isWide = grown(this.#isWide, new Uint8Array(2 * list))
    }
    this.#first[list] = -1
    this.#last[list] = -1
    return list
  }

  length(list: number): number {
    return this.#length[list] ?? 0
  }

  /** A row of the same time takes the values that are given, as in a store. */
  put(list: number, offsetMs: number, values: RowValues): void {
    if (this.#isWide[list] === 0 && values.some((value) => value !== undefined && !isNarrow(value)))
      this.#widen(list)
    // Most come after all others.
    if (this.#lastOffset(list) < offsetMs) this.#append(list, offsetMs, values)
    else if (!this.#replace(list, offsetMs, values)) this.#insert(list, offsetMs, values)
  }

  /** The values of a column from `fromMs` until before `toMs`, in the order of time; what was not measured is left out. */
  values(list: number, column: number, fromMs: number, toMs: number): number[] {
    const pages = this.#pagesOf(list)
    const { missing, columns } = pages
    const found: number[] = []
    let left = this.length(list)
    for (let page = this.#first[list] ?? -1; left > 0; page = pages.next(page)) {
      const { offsets, values } = pages.chunk(page)
      const start = pages.slot(page)
      const end = start + Math.min(left, pageRows)
      left -= pageRows
      if ((offsets[end - 1] ?? 0) < fromMs) continue
      for (let row = start; row < end; row++) {
        const offset = offsets[row] ?? 0
        if (offset >= toMs) return found
        const value = values[row * columns + column] ?? missing
        if (offset >= fromMs && value !== missing && !Number.isNaN(value)) found.push(value)
      }
    }
    return found
  }

  count(list: number, fromMs: number, toMs: number): number {
    return this.#rowsBefore(list, toMs) - this.#rowsBefore(list, fromMs)
  }

  *entries(list: number): Generator<readonly [offsetMs: number, values: RowValues]> {
    const pages = this.#pagesOf(list)
    const { missing, columns } = pages
    let left = this.length(list)
    for (let page = this.#first[list] ?? -1; left > 0; page = pages.next(page)) {
      const { offsets, values } = pages.chunk(page)
      const start = pages.slot(page)
      for (let row = start; row < start + Math.min(left, pageRows); row++) {
        const of = (column: number) => {
          const value = values[row * columns + column]
          return value === missing || Number.isNaN(value) ? undefined : value
        }
        yield [offsets[row] ?? 0, Array.from({ length: columns }, (_, column) => of(column))]
      }
      left -= pageRows
    }
  }

  /** Gives back all memory at once; no list may be read after. */
  release(): void {
    this.#narrow.release()
    this.#wide.release()
  }

  #pagesOf(list: number): RowPages {
    return this.#isWide[list] === 1 ? this.#wide : this.#narrow
  }

  #rowsBefore(list: number, offsetMs: number): number {
    const pages = this.#pagesOf(list)
    const length = this.length(list)
    let before = 0
    for (let page = this.#first[list] ?? -1; before < length; page = pages.next(page)) {
      const { offsets } = pages.chunk(page)
      const start = pages.slot(page)
      const rows = Math.min(length - before, pageRows)
      for (let row = 0; row < rows; row++) if ((offsets[start + row] ?? 0) >= offsetMs) return before + row
      before += rows
    }
    return before
  }

  /** Less than any when there is no row. */
  #lastOffset(list: number): number {
    const length = this.length(list)
    if (length === 0) return -1
    const pages = this.#pagesOf(list)
    const page = this.#last[list] ?? -1
    return pages.chunk(page).offsets[pages.slot(page) + ((length - 1) % pageRows)] ?? -1
  }

  #append(list: number, offsetMs: number, values: RowValues): void {
    const pages = this.#pagesOf(list)
    const length = this.length(list)
    let page = this.#last[list] ?? -1
    if (length % pageRows === 0) {
      const next = pages.take()
      if (page === -1) this.#first[list] = next
      else pages.link(page, next)
      this.#last[list] = next
      page = next
    }
    const row = pages.slot(page) + (length % pageRows)
    const chunk = pages.chunk(page)
    chunk.offsets[row] = offsetMs
    for (let column = 0; column < pages.columns; column++)
      chunk.values[row * pages.columns + column] = values[column] ?? pages.missing
    this.#length[list] = length + 1
  }

  /** False when there is no row of that time. */
  #replace(list: number, offsetMs: number, given: RowValues): boolean {
    const pages = this.#pagesOf(list)
    let left = this.length(list)
    for (let page = this.#first[list] ?? -1; left > 0; page = pages.next(page)) {
      const { offsets, values } = pages.chunk(page)
      const start = pages.slot(page)
      const end = start + Math.min(left, pageRows)
      left -= pageRows
      if ((offsets[end - 1] ?? 0) < offsetMs) continue
      const row = offsets.subarray(start, end).indexOf(offsetMs)
      if (row === -1) return false
      given.forEach((value, column) => {
        if (value !== undefined) values[(start + row) * pages.columns + column] = value
      })
      return true
    }
    return false
  }

  /** Late samples are few: everything is written anew. */
  #insert(list: number, offsetMs: number, values: RowValues): void {
    const rows = this.#empty(list)
    const after = rows.findIndex(([offset]) => offset > offsetMs)
    rows.splice(after === -1 ? rows.length : after, 0, [offsetMs, values])
    for (const [offset, row] of rows) this.#append(list, offset, row)
  }

  #widen(list: number): void {
    const rows = this.#empty(list)
    this.#isWide[list] = 1
    for (const [offset, row] of rows) this.#append(list, offset, row)
  }

  /** Takes all rows out. */
  #empty(list: number): (readonly [number, RowValues])[] {
    const rows = [...this.entries(list)]
    this.#pagesOf(list).giveBack(this.#first[list] ?? -1)
    this.#first[list] = -1
    this.#last[list] = -1
    this.#length[list] = 0
    return rows
  }
}

function grown<A extends Int32Array | Uint32Array | Uint8Array>(array: A, larger: A): A {
  larger.set(array)
  return larger
}
