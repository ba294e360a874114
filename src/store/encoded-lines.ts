/**
 * Line protocol as a spool keeps it and every store takes it: UTF-8, times in milliseconds, each line ended by a line
 * feed. The lines are our own encoder's, so nothing in them needs checking again.
 */
export interface EncodedLines {
  readonly bytes: Buffer
  /** How many lines. */
  readonly rows: number
}

const lineFeed = 10

/** In two parts of about the same size; undefined when there is but one line. */
export function halvesOf({ bytes, rows }: EncodedLines): readonly [EncodedLines, EncodedLines] | undefined {
  if (rows < 2) return undefined
  const middle = bytes.length >> 1
  const last = bytes.length - 1
  let end = bytes.indexOf(lineFeed, middle)
  // The last line is the longer half: cut before it.
  if (end === -1 || end === last) end = bytes.lastIndexOf(lineFeed, last - 1)
  if (end === -1) return undefined
  const first = bytes.subarray(0, end + 1)
  const count = linesIn(first)
  return [
    { bytes: first, rows: count },
    { bytes: bytes.subarray(end + 1), rows: rows - count },
  ]
}

export function linesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) count++
  return count
}
