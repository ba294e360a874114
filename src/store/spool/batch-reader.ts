import type { Logger } from '../../platform/logger.ts'
import type { EncodedLines } from '../encoded-lines.ts'
import type { OpenSpool } from './journal.ts'
import { unpacked } from './payload.ts'
import { readFrames } from './read-frames.ts'
import { isGone, type SegmentFolder } from './segment-folder.ts'
import { isBefore, type Position, type Range } from './undelivered.ts'

/** Frames that follow each other in one segment, as one write. */
export interface Batch {
  /** In the segment of `end`. */
  readonly from: Position
  readonly end: Position
  /** Absent where the segment is damaged between the two. */
  readonly lines?: EncodedLines
}

/** A segment that cannot be read is given up after so many tries. */
const mostReads = 3
/** A batch is not made longer once it has so many bytes: long texts are rare, and memory holds two batches a lane. */
const enoughBytes = 2 ** 23

/** What one lane takes to the store: reads and unpacks the next batch while the last one is being written. */
export class BatchReader {
  readonly #log: Logger
  #ahead: { readonly part: Range; readonly batch: Promise<Batch | undefined> } | undefined
  #failed = 0

  constructor(log: Logger) {
    this.#log = log
  }

  /** The first batch of a range; `empty` when no segment holds anything of it, `unreadable` when it is to be tried later, `gone` without its file. */
  async take(spool: OpenSpool, range: Range, rows: number): Promise<Batch | 'empty' | 'unreadable' | 'gone'> {
    const part = firstPart(spool, range)
    if (part === undefined) return 'empty'
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead !== undefined && isSame(ahead.part.from, part.from)) {
      const batch = await ahead.batch
      if (batch !== undefined) return batch
    }
    return this.#read(spool, part, rows)
  }

  /** Begins to read what `take` will be asked for next, unless it changes its mind. */
  readAhead(spool: OpenSpool, range: Range, rows: number): void {
    const part = firstPart(spool, range)
    // What cannot be read now is tried, and told, when it is needed.
    if (part !== undefined)
      this.#ahead = { part, batch: readBatch(spool.folder, part, rows).catch(() => undefined) }
  }

  async #read(
    { folder, table }: OpenSpool,
    part: Range,
    rows: number,
  ): Promise<Batch | 'unreadable' | 'gone'> {
    const { segment } = part.from
    try {
      const batch = await readBatch(folder, part, rows)
      this.#failed = 0
      return batch
    } catch (error) {
      if (isGone(error)) return 'gone'
      // It may have been dropped to make room, while it was read.
      if (table.bytesOf(segment) === undefined || ++this.#failed < mostReads) return 'unreadable'
      this.#failed = 0
      this.#log.error({ err: error, segment }, 'spool segment cannot be read')
      return { from: part.from, end: part.to }
    }
  }
}

/** Reads windows until there are rows enough; what is damaged is a batch of its own. */
async function readBatch(
  folder: Pick<SegmentFolder, 'read'>,
  { from, to }: Range,
  rows: number,
): Promise<Batch> {
  const { segment } = from
  const parts: EncodedLines[] = []
  let at = from.offset
  let have = 0
  let bytes = 0
  while (at < to.offset && have < rows && bytes < enoughBytes) {
    const { frames, end } = await readFrames(folder, segment, at, to.offset, rows - have)
    // A frame that is whole and cannot be unpacked is as good as damaged.
    const lines = frames.length === 0 ? undefined : await unpacked(frames).catch(() => undefined)
    if (lines === undefined) {
      if (parts.length === 0) return { from, end: { segment, offset: end } }
      break
    }
    parts.push(lines)
    have += lines.rows
    bytes += lines.bytes.length
    at = end
  }
  const [only] = parts
  const all =
    parts.length === 1 && only !== undefined ? only.bytes : Buffer.concat(parts.map((part) => part.bytes))
  return { from, end: { segment, offset: at }, lines: { bytes: all, rows: have } }
}

/** The first stretch of a range within one segment; undefined when no segment holds anything of it. */
function firstPart({ table }: OpenSpool, { from: start, to }: Range): Range | undefined {
  let from = start
  while (isBefore(from, to)) {
    const { segment } = from
    const bytes = table.bytesOf(segment) ?? 0
    const end = segment === to.segment ? Math.min(to.offset, bytes) : bytes
    if (from.offset < end) return { from, to: { segment, offset: end } }
    const next = table.after(segment)
    if (next === undefined) return undefined
    from = { segment: next, offset: 0 }
  }
  return undefined
}

const isSame = (one: Position, other: Position): boolean =>
  one.segment === other.segment && one.offset === other.offset
