/** What is known of a segment. */
interface Segment {
  /** Length of its whole frames. */
  bytes: number
  /** Rows in it that no store has taken. */
  waiting: number
}

/** The segments on disk, oldest first, with their sums. */
export class SegmentTable {
  readonly #segments = new Map<number, Segment>()
  #bytes = 0
  #waiting = 0

  get bytes(): number {
    return this.#bytes
  }

  get waiting(): number {
    return this.#waiting
  }

  get size(): number {
    return this.#segments.size
  }

  get oldest(): number | undefined {
    return this.#segments.keys().next().value
  }

  get numbers(): readonly number[] {
    return [...this.#segments.keys()]
  }

  bytesOf(segment: number): number | undefined {
    return this.#segments.get(segment)?.bytes
  }

  /** The next segment after that number. */
  after(segment: number): number | undefined {
    for (const number of this.#segments.keys()) if (number > segment) return number
    return undefined
  }

  /** Frames were found or written; numbers come in ascending order. */
  grow(segment: number, bytes: number, rows: number): void {
    const known = this.#segments.get(segment)
    if (known === undefined) this.#segments.set(segment, { bytes, waiting: rows })
    else {
      known.bytes += bytes
      known.waiting += rows
    }
    this.#bytes += bytes
    this.#waiting += rows
  }

  /** A store took rows; after a restart some may be taken twice, and are counted once. */
  take(segment: number, rows: number): void {
    const known = this.#segments.get(segment)
    if (known === undefined) return
    const taken = Math.min(rows, known.waiting)
    known.waiting -= taken
    this.#waiting -= taken
  }

  /** What is waiting in it will never be taken: how many rows that is. */
  writeOff(segment: number): number {
    const waiting = this.#segments.get(segment)?.waiting ?? 0
    this.take(segment, waiting)
    return waiting
  }

  /** How many rows were still waiting in it. */
  remove(segment: number): number {
    const known = this.#segments.get(segment)
    if (known === undefined) return 0
    this.#segments.delete(segment)
    this.#bytes -= known.bytes
    this.#waiting -= known.waiting
    return known.waiting
  }

  list(): readonly { readonly number: number; readonly bytes: number; readonly waiting: number }[] {
    return [...this.#segments].map(([number, segment]) => ({ number, ...segment }))
  }
}
