import { type Frame, findFrame, frameAt } from './frame.ts'
import type { SegmentFolder } from './segment-folder.ts'

export interface FramesRead {
  readonly frames: readonly Frame[]
  /** Offset in the segment after the frames, or, when there are none, after what is damaged. */
  readonly end: number
}

/** Read at once: several frames. */
const window = 2 ** 19

/**
 * Frames of a segment from an offset, until they hold `mostRows`, the window ends, or something is damaged. A damaged
 * place is passed over in a call of its own: up to the next whole frame, or to the end.
 */
export async function readFrames(
  folder: Pick<SegmentFolder, 'read'>,
  segment: number,
  from: number,
  to: number,
  mostRows: number,
): Promise<FramesRead> {
  let bytes = await folder.read(segment, from, Math.min(to, from + window))
  const frames: Frame[] = []
  let at = 0
  let rows = 0
  while (at < bytes.length && rows < mostRows) {
    const found = frameAt(bytes, at)
    if (found === 'damaged') break
    if ('payload' in found) {
      frames.push(found)
      rows += found.rows
      at = found.end
    } else {
      // The next window begins with it, unless it is longer than a window.
      if (frames.length > 0 || from + found.incomplete > to) break
      const longer = await folder.read(segment, from, from + found.incomplete)
      if (longer.length <= bytes.length) break
      bytes = longer
    }
  }
  if (frames.length > 0) return { frames, end: from + at }
  if (from >= to) return { frames, end: to }
  const rest = await folder.read(segment, from, to)
  return { frames, end: from + (findFrame(rest, 1) ?? to - from) }
}
