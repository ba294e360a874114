import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { SegmentFolder } from './segment-folder.ts'
import type { Position, Range } from './undelivered.ts'

const count = z.int().min(0)
const position = z.object({ segment: count, offset: count })

const recordSchema = z.object({
  version: z.literal(1),
  /** Above every segment number that was ever used. */
  next: count,
  backlog: z.array(z.object({ from: position, to: position })).max(1_000),
  live: position,
  /** What was counted of each segment, up to `bytes` of it. */
  segments: z.array(z.object({ number: count, bytes: count, waiting: count })).max(1_000_000),
})

/** What was delivered, as it is kept over a restart. Older than the segments by a second at most, which is sent again. */
export interface DeliveryRecord {
  readonly next: number
  readonly backlog: readonly Range[]
  readonly live: Position
  readonly segments: readonly { readonly number: number; readonly bytes: number; readonly waiting: number }[]
}

/** Undefined when there is none, or none that can be trusted: then all that is in the segments is delivered again. */
export async function loadDeliveryRecord(folder: SegmentFolder): Promise<DeliveryRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(folder.recordFile, 'utf8')))
  } catch {
    // Absent on the first start, half written after a power cut: either way the segments tell everything but what was sent.
    return undefined
  }
}

export const saveDeliveryRecord = (folder: SegmentFolder, record: DeliveryRecord): Promise<void> =>
  folder.saveRecord(JSON.stringify({ version: 1, ...record }))
