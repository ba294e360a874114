const mostRows = 25
const mostColumns = 10
/** Polls in a row without trouble before more is tried again. */
const cleanPolls = 20

/**
 * How much one agent is asked for in one message. It shrinks when an answer was too big or did not come (large answers
 * are sent in fragments, and one lost fragment loses all), and grows again slowly. Kept for an element between polls.
 */
export interface BulkPace {
  /** max-repetitions of GETBULK, and columns side by side in one message. */
  readonly rows: number
  readonly columns: number
  /** Asks for less from now on; false when that much is the least already. */
  shrink(asked: { readonly rows: number; readonly columns: number }): boolean
  /** A poll is complete. */
  pollEnded(): void
}

export function createBulkPace(): BulkPace {
  let rows = mostRows
  let columns = mostColumns
  let clean = 0
  let shrunk = false
  return {
    get rows() {
      return rows
    },
    get columns() {
      return columns
    },
    shrink(asked) {
      shrunk = true
      if (asked.rows > 1) rows = Math.floor(asked.rows / 2)
      else if (asked.columns > 1) columns = Math.floor(asked.columns / 2)
      else return false
      return true
    },
    pollEnded() {
      clean = shrunk ? 0 : clean + 1
      shrunk = false
      if (clean < cleanPolls) return
      clean = 0
      if (columns < mostColumns) columns = Math.min(mostColumns, columns * 2)
      else rows = Math.min(mostRows, rows * 2)
    },
  }
}
