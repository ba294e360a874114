import { loadDeliveryRecord } from './delivery-record.ts'
import { readFrames } from './read-frames.ts'
import type { SegmentFolder } from './segment-folder.ts'
import type { SegmentTable } from './segment-table.ts'
import { isBefore, type Range } from './undelivered.ts'

/** What an earlier process left behind. */
export interface Recovered {
  readonly backlog: readonly Range[]
  /** Number of the first segment that this process makes. */
  readonly next: number
  /** Segments whose end was cut off in the middle of a frame. */
  readonly tornTails: number
  /** Segments that could not be read at all; they are left where they are. */
  readonly unreadable: readonly number[]
}

/**
 * Reads what the last process did not note any more (a second's worth), cuts a frame that was half written, and puts all
 * that was not delivered into the backlog. Fills the table.
 * @throws what the file system throws when the folder cannot be read.
 */
export async function recover(folder: SegmentFolder, table: SegmentTable): Promise<Recovered> {
  const numbers = await folder.list()
  const record = await loadDeliveryRecord(folder)
  const counted = new Map(record?.segments.map(({ number, ...rest }) => [number, rest]))
  const unreadable: number[] = []
  let tornTails = 0
  for (const number of numbers) {
    try {
      const size = await folder.sizeOf(number)
      const known = counted.get(number)
      const trusted = known !== undefined && known.bytes <= size ? known : { bytes: 0, waiting: 0 }
      const { rows, end } = await scan(folder, number, trusted.bytes, size)
      table.grow(number, end, trusted.waiting + rows)
      if (end === size) continue
      tornTails++
      // On a read-only disk it stays, and is never read: the table holds where the frames end.
      await folder.cut(number, end).catch(() => {})
    } catch {
      unreadable.push(number)
    }
  }
  const last = numbers.at(-1) ?? -1
  const next = Math.max(last + 1, record?.next ?? 0)
  const end = { segment: next, offset: 0 }
  const live = record?.live ?? { segment: 0, offset: 0 }
  const backlog = [...(record?.backlog ?? []), ...(isBefore(live, end) ? [{ from: live, to: end }] : [])]
  return { backlog, next, tornTails, unreadable }
}

/** Rows from an offset on, and where the last whole frame ends. */
async function scan(folder: SegmentFolder, segment: number, from: number, size: number) {
  let at = from
  let end = from
  let rows = 0
  while (at < size) {
    const found = await readFrames(folder, segment, at, size, Number.POSITIVE_INFINITY)
    for (const frame of found.frames) rows += frame.rows
    at = found.end
    if (found.frames.length > 0) end = at
  }
  return { rows, end }
}
