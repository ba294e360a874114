/** A place in the spool: between two frames of a segment. */
export interface Position {
  readonly segment: number
  readonly offset: number
}

/** From here to there, whole segments between them included; `to` exclusive. */
export interface Range {
  readonly from: Position
  readonly to: Position
}

/** More would mean that a store comes and goes all the time; two neighbours are then made one, and what lay between is sent again. */
const mostRanges = 32

export const isBefore = (one: Position, other: Position): boolean =>
  one.segment < other.segment || (one.segment === other.segment && one.offset < other.offset)

/**
 * What no store has taken yet: `live`, from where the newest is being delivered to the end of the spool, and the backlog,
 * oldest first, of what could not be delivered in its time. Live data never waits for the backlog: when the store was
 * away, all that came meanwhile is put behind.
 */
export class Undelivered {
  #backlog: Range[]
  #live: Position
  #end: Position

  /** `start` is where the first new frame will lie. */
  constructor(backlog: readonly Range[], start: Position) {
    this.#backlog = [...backlog]
    this.#live = start
    this.#end = start
  }

  get backlog(): readonly Range[] {
    return this.#backlog
  }

  get live(): Range {
    return { from: this.#live, to: this.#end }
  }

  get hasLive(): boolean {
    return isBefore(this.#live, this.#end)
  }

  /** All that was appended was delivered, or passed over. */
  get isEmpty(): boolean {
    return !this.hasLive && this.#backlog.length === 0
  }

  /** The spool reaches to here now. */
  append(end: Position): void {
    this.#end = end
  }

  /** Delivered from the beginning of the live range to here. */
  advanceLive(to: Position): void {
    if (isBefore(this.#live, to)) this.#live = to
  }

  /** Delivered from the beginning of the backlog to here. */
  advanceBacklog(to: Position): void {
    const [first, ...rest] = this.#backlog
    if (first === undefined || !isBefore(first.from, to)) return
    this.#backlog = isBefore(to, first.to) ? [{ from: to, to: first.to }, ...rest] : rest
  }

  /** Live data becomes backlog: what comes next goes first. */
  postpone(): void {
    if (!this.hasLive) return
    this.#backlog = merged([...this.#backlog, this.live])
    this.#live = this.#end
  }

  /** The segment is gone, and all before it. */
  dropThrough(segment: number): void {
    const start = { segment: segment + 1, offset: 0 }
    const after = (from: Position) => (isBefore(from, start) ? start : from)
    this.#backlog = this.#backlog
      .map(({ from, to }) => ({ from: after(from), to }))
      .filter(({ from, to }) => isBefore(from, to))
    this.#live = after(this.#live)
    this.#end = after(this.#end)
  }

  /** Whether something of the segment is still to be delivered, or may yet come. */
  needs(segment: number): boolean {
    return (
      segment >= this.#live.segment ||
      this.#backlog.some(
        ({ from, to }) =>
          from.segment <= segment && (segment < to.segment || (segment === to.segment && to.offset > 0)),
      )
    )
  }
}

function merged(ranges: readonly Range[]): Range[] {
  const joined: Range[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last !== undefined && !isBefore(last.to, range.from))
      joined.splice(-1, 1, { from: last.from, to: range.to })
    else joined.push(range)
  }
  while (joined.length > mostRanges) {
    const [first, second] = joined
    if (first === undefined || second === undefined) break
    joined.splice(0, 2, { from: first.from, to: second.to })
  }
  return joined
}
