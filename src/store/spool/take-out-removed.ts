import type { SegmentFolder } from './segment-folder.ts'
import type { SegmentTable } from './segment-table.ts'
import type { SegmentWriter } from './segment-writer.ts'

interface Segments {
  readonly folder: Pick<SegmentFolder, 'present'>
  readonly table: SegmentTable
  readonly writer: SegmentWriter
}

/**
 * Takes segments that someone else removed, moved or replaced out of the table, and has a new one begun where it was the
 * newest. How many they were, and how many samples no store had of them. Not while something is written.
 * @throws what the file system throws when the folder cannot be read.
 */
export async function takeOutRemoved({ folder, table, writer }: Segments) {
  const newest = writer.position.segment
  const isTaken = !(await writer.isInPlace())
  if (isTaken) await writer.seal()
  const present = new Set(await folder.present())
  // Looked at only now: what we removed ourselves meanwhile left the table before its folder.
  const removed = table.numbers.filter((segment) => !present.has(segment) || (isTaken && segment === newest))
  return {
    segments: removed.length,
    samples: removed.reduce((sum, segment) => sum + table.remove(segment), 0),
  }
}
