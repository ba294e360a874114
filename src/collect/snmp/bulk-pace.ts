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
export interface BulkPace {
  /** max-repetitions of GETBULK, and columns side by side in one message. */
  readonly rows: number
  readonly columns: number
  /** Whether something ever stood against more: then it is worth remembering. */
  readonly isLimited: boolean
  /** Asks for less from now on; false when that much is the least already. */
  shrink(asked: { readonly rows: number; readonly columns: number }): boolean
  /** An answer came, complete: so many rows of those asked for, in so many bytes. */
  answered(rows: number, bytes: number): void
  /** The agent leaves off at so many rows: asking for more is no use. */
  fits(rows: number): void
  /** A poll is complete. */
  pollEnded(): void
}

/** @param rows max-repetitions that went well before, if known */
export function createBulkPace(known?: number): BulkPace {
  let rows = Math.min(mostRows, Math.max(1, known ?? firstRows))
  let columns = mostColumns
  let clean = 0
  let isTroubled = false
  let everTroubled = known !== undefined
  let rowBytes = 0
  let isFull = false
  return {
    get rows() {
      return rows
    },
    get columns() {
      return columns
    },
    get isLimited() {
      return everTroubled || isTroubled
    },
    shrink(asked) {
      isTroubled = true
      if (asked.rows > 1) rows = Math.floor(asked.rows / 2)
      else if (asked.columns > 1) columns = Math.floor(asked.columns / 2)
      else return false
      return true
    },
    answered(told, bytes) {
      rowBytes = Math.max(bytes / told, 0.9 * rowBytes)
      if (told >= rows) isFull = true
    },
    fits(told) {
      isTroubled = true
      rows = Math.max(1, told)
    },
    pollEnded() {
      everTroubled ||= isTroubled
      clean = isTroubled ? 0 : clean + 1
      isTroubled = false
      const isNeeded = isFull || columns < mostColumns
      isFull = false
      if (!isNeeded || clean < (everTroubled ? cleanPolls : 1)) return
      clean = 0
      if (columns < mostColumns) columns = Math.min(mostColumns, columns * 2)
      else rows = Math.max(rows, Math.min(mostRows, rows * 2, Math.floor(comfortableBytes / rowBytes)))
    },
  }
}
