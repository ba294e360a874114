import { describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/platform/logger.ts'
import { BatchReader } from '../../../src/store/spool/batch-reader.ts'
import { frameHeader } from '../../../src/store/spool/frame.ts'
import type { OpenSpool } from '../../../src/store/spool/journal.ts'
import { SegmentFolder } from '../../../src/store/spool/segment-folder.ts'
import { SegmentTable } from '../../../src/store/spool/segment-table.ts'
import { Undelivered } from '../../../src/store/spool/undelivered.ts'

/** Segments of one-row frames, in memory; `broken` ones cannot be read. */
function spoolOf(segments: readonly (readonly string[])[]) {
  const reads: string[] = []
  const broken = new Set<number>()
  const bytes = segments.map((lines) =>
    Buffer.concat(
      lines.flatMap((line) => {
        const payload = Buffer.from(`${line}\n`)
        return [frameHeader(payload, 1), payload]
      }),
    ),
  )
  class Memory extends SegmentFolder {
    override async read(segment: number, from: number, to: number): Promise<Buffer> {
      reads.push(`${segment}:${from}`)
      if (broken.has(segment)) throw new Error('EIO')
      return bytes[segment]?.subarray(from, to) ?? Buffer.alloc(0)
    }
  }
  const table = new SegmentTable()
  for (const [number, { length }] of bytes.entries())
    table.grow(number, length, segments[number]?.length ?? 0)
  const spool: OpenSpool = {
    folder: new Memory('/nowhere'),
    table,
    undelivered: new Undelivered([], { segment: 0, offset: 0 }),
  }
  return { spool, reads, bytes, table, broken }
}
const start = { segment: 0, offset: 0 }
const end = { segment: 9, offset: 0 }
const reader = () => new BatchReader(createLogger('silent'))
const textOf = (batch: Awaited<ReturnType<BatchReader['take']>>): unknown =>
  typeof batch === 'string' ? batch : batch.lines?.bytes.toString().trim().split('\n')

describe('what is read for a write', () => {
  it('is as many rows as asked for, and goes on where it ended, segment by segment', async () => {
    const { spool } = spoolOf([['a', 'b', 'c'], [], ['d']])
    const own = reader()
    const taken: unknown[] = []
    let from = start
    for (;;) {
      const batch = await own.take(spool, { from, to: end }, 2)
      taken.push(textOf(batch))
      if (typeof batch === 'string') break
      from = batch.end
    }
    expect(taken).toEqual([['a', 'b'], ['c'], ['d'], 'empty'])
  })

  it('is read ahead, once', async () => {
    const { spool, reads } = spoolOf([['a', 'b', 'c', 'd']])
    const own = reader()
    const batch = await own.take(spool, { from: start, to: end }, 2)
    if (typeof batch === 'string') throw new Error(batch)
    own.readAhead(spool, { from: batch.end, to: end }, 2)
    await new Promise(setImmediate)
    const before = reads.length
    expect(textOf(await own.take(spool, { from: batch.end, to: end }, 2))).toEqual(['c', 'd'])
    expect(reads).toHaveLength(before)
  })

  it('is read again when another place is asked for than was read ahead', async () => {
    const { spool } = spoolOf([['a', 'b', 'c'], ['d']])
    const own = reader()
    const batch = await own.take(spool, { from: start, to: end }, 1)
    if (typeof batch === 'string') throw new Error(batch)
    own.readAhead(spool, { from: batch.end, to: end }, 1)
    // The write failed, so the same is wanted again.
    expect(textOf(await own.take(spool, { from: start, to: end }, 1))).toEqual(['a'])
    own.readAhead(spool, { from: batch.end, to: end }, 1)
    // Its segment was dropped to make room.
    spool.table.remove(0)
    expect(textOf(await own.take(spool, { from: { segment: 1, offset: 0 }, to: end }, 1))).toEqual(['d'])
  })

  it('ends before what is damaged, which comes as a batch without lines', async () => {
    const { spool, bytes } = spoolOf([['a', 'b', 'c']])
    const frame = (bytes[0]?.length ?? 0) / 3
    bytes[0]?.fill(0, frame, 2 * frame)
    const own = reader()
    const batches: unknown[] = []
    let from = start
    for (let i = 0; i < 3; i++) {
      const batch = await own.take(spool, { from, to: end }, 10)
      batches.push(textOf(batch))
      if (typeof batch !== 'string') from = batch.end
    }
    expect(batches).toEqual([['a'], undefined, ['c']])
  })

  it('is tried three times when the disk does not give it, and then passed over', async () => {
    const { spool, broken } = spoolOf([['a'], ['b']])
    broken.add(0)
    const own = reader()
    const range = { from: start, to: end }
    // What fails ahead of time is not counted.
    own.readAhead(spool, range, 1)
    expect(await own.take(spool, range, 1)).toBe('unreadable')
    expect(await own.take(spool, range, 1)).toBe('unreadable')
    const given = await own.take(spool, range, 1)
    expect(given).toMatchObject({ end: { segment: 0 } })
    expect(textOf(given)).toBeUndefined()
  })
})
