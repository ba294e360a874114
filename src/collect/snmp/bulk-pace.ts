const firstRows = 25
const mostRows = 64
const mostColumns = 20
/** Answers are kept under this many bytes: each fragment that is lost loses all. */
const comfortableBytes = 12_000
/** Polls in a row without trouble before more is tried again, once there was trouble. */
const cleanPolls = 20

/**
 * How much one agent is asked for in one message. It shrinks when an answer was too big or did not come (large answers
 * are sent in fragments, and one lost fragment loses all). It grows quickly until the first trouble, and slowly after
 * it, while answers stay under 12 kB. Kept for an element between polls.
 */
export class BulkPace {
  #rows: number
  #columns = mostColumns
  #clean = 0
  #isTroubled = false
  #everTroubled: boolean
  #rowBytes = 0
  #isFull = false
  #leavesOff = false

  /** @param known max-repetitions that went well before, if known */
  constructor(known?: number) {
    this.#rows = Math.min(mostRows, Math.max(1, known ?? firstRows))
    this.#everTroubled = known !== undefined
  }

  /** max-repetitions of GETBULK. */
  get rows(): number {
    return this.#rows
  }

  /** Columns side by side in one message. */
  get columns(): number {
    return this.#columns
  }

  /** Whether something ever stood against more: then it is worth remembering. */
  get isLimited(): boolean {
    return this.#everTroubled || this.#isTroubled
  }

  /** The agent answers with what fits, whatever it is asked for: nothing is lost by asking for a little more. */
  get leavesOff(): boolean {
    return this.#leavesOff
  }

  /** Asks for less from now on; false when that much is the least already. */
  shrink(asked: { readonly rows: number; readonly columns: number }): boolean {
    this.#isTroubled = true
    this.#leavesOff = false
    if (asked.rows > 1) this.#rows = Math.floor(asked.rows / 2)
    else if (asked.columns > 1) this.#columns = Math.floor(asked.columns / 2)
    else return false
    return true
  }

  /** An answer came, complete: so many rows of those asked for, in so many bytes. */
  answered(told: number, bytes: number): void {
    this.#rowBytes = Math.max(bytes / told, 0.9 * this.#rowBytes)
    if (told >= this.#rows) this.#isFull = true
  }

  /** The agent leaves off at so many rows: asking for more is no use. */
  fits(told: number): void {
    this.#isTroubled = true
    this.#leavesOff = true
    this.#rows = Math.max(1, told)
  }

  /** A poll is complete. */
  pollEnded(): void {
    this.#everTroubled ||= this.#isTroubled
    this.#clean = this.#isTroubled ? 0 : this.#clean + 1
    this.#isTroubled = false
    const isNeeded = this.#isFull || this.#columns < mostColumns
    this.#isFull = false
    if (!isNeeded || this.#clean < (this.#everTroubled ? cleanPolls : 1)) return
    this.#clean = 0
    if (this.#columns < mostColumns) this.#columns = Math.min(mostColumns, this.#columns * 2)
    else {
      const comfortable = Math.min(mostRows, this.#rows * 2, Math.floor(comfortableBytes / this.#rowBytes))
      this.#rows = Math.max(this.#rows, comfortable)
    }
  }
}
