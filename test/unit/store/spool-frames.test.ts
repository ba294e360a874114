import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameAt, frameHeader, mostPayload } from '../../../src/store/spool/frame.ts'
import { packed, unpacked } from '../../../src/store/spool/payload.ts'
import { readFrames } from '../../../src/store/spool/read-frames.ts'

const segmentOf = (payloads: readonly Buffer[]): Buffer =>
  Buffer.concat(payloads.flatMap((payload, i) => [frameHeader(payload, i), payload]))

/** All that a reader gets out of a segment, as delivery goes about it. */
async function readAll(segment: Buffer, mostRows = 100) {
  const folder = { read: async (_: number, from: number, to: number) => segment.subarray(from, to) }
  const found: { text: string; rows: number }[] = []
  let damaged = 0
  for (let at = 0, calls = 0; at < segment.length; calls++) {
    if (calls > 1_000) throw new Error('does not get on')
    const { frames, end } = await readFrames(folder, 0, at, segment.length, mostRows)
    found.push(...frames.map(({ payload, rows }) => ({ text: payload.toString('latin1'), rows })))
    if (frames.length === 0) damaged++
    expect(end).toBeGreaterThan(at)
    at = end
  }
  return { found, damaged }
}

const payloads = fc.array(
  fc
    .oneof(
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
      // Bytes that look like the beginning of a frame.
      fc.constant(frameHeader(Buffer.from('x'), 1)),
      fc.constant(Buffer.concat([frameHeader(Buffer.from('xyz'), 1), Buffer.from('xy')])),
    )
    .map((bytes) => Buffer.from(bytes)),
  { minLength: 1, maxLength: 12 },
)
const expected = (written: readonly Buffer[]) =>
  written.map((payload, rows) => ({ text: payload.toString('latin1'), rows }))

describe('frames in a segment', () => {
  it('are read back as they were written, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, fc.integer({ min: 1, max: 40 }), async (written, mostRows) => {
        expect(await readAll(segmentOf(written), mostRows)).toEqual({ found: expected(written), damaged: 0 })
      }),
    )
  })

  it('longer than what is read at once are read whole', async () => {
    const written = [2 ** 19, 10, 2 ** 20, 2 ** 19 - 16].map((length) => Buffer.alloc(length, 'a'))
    expect(await readAll(segmentOf(written))).toEqual({ found: expected(written), damaged: 0 })
  })

  it('before a cut are whole, and behind it there is nothing', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, fc.double({ min: 0, max: 1, noNaN: true }), async (written, share) => {
        const whole = segmentOf(written)
        const cut = Math.floor(share * whole.length)
        const { found, damaged } = await readAll(whole.subarray(0, cut))
        let end = 0
        const kept = written.filter(({ length }) => {
          end += 16 + length
          return end <= cut
        })
        expect(found).toEqual(expected(written).slice(0, kept.length))
        expect(damaged).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('beside a changed byte are all there, and the changed one is not', async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (written, share, difference) => {
          const segment = segmentOf(written)
          const at = Math.floor(share * segment.length)
          segment[at] = (segment[at] ?? 0) ^ difference
          let end = 0
          const hit = written.findIndex(({ length }) => {
            end += 16 + length
            return at < end
          })
          const { found, damaged } = await readAll(segment)
          expect(damaged).toBe(1)
          // A frame inside the payload of the damaged one is no frame of ours, but would be a whole one.
          expect(found.filter(({ text }) => text !== 'x')).toEqual(
            expected(written).filter(({ text }, i) => i !== hit && text !== 'x'),
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  it('never come out of rubbish', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.from([0xf1, 0x46, 0x4c, 0x53]))),
          {
            maxLength: 10,
          },
        ),
        async (parts) => {
          const { found } = await readAll(Buffer.concat(parts))
          expect(found).toEqual([])
        },
      ),
    )
  })

  it('of a length that none has are damaged, whatever follows', () => {
    const header = frameHeader(Buffer.from('x'), 1)
    header.writeUInt32LE(mostPayload + 1, 4)
    expect(frameAt(Buffer.concat([header, Buffer.alloc(100)]), 0)).toBe('damaged')
  })
})

describe('a payload', () => {
  const text = (lines: number) => Buffer.from('interface,element=e in_bps=1i 1772352000000\n'.repeat(lines))

  it('is packed when that is worth it, and unpacked to the same', async () => {
    for (const lines of [1, 10, 1_000]) {
      const payload = await packed(text(lines))
      expect((await unpacked([{ payload, rows: lines }])).bytes).toEqual(text(lines))
    }
    expect((await packed(text(1_000))).length).toBeLessThan(1_000)
    expect(await packed(text(2))).toEqual(text(2))
  })

  it('is put together with others, packed or not', async () => {
    const frames = [
      { payload: await packed(text(100)), rows: 100 },
      { payload: await packed(text(1)), rows: 1 },
    ]
    expect(await unpacked(frames)).toEqual({ bytes: text(101), rows: 101 })
  })

  it('that unfolds to more than any frame is not unfolded', async () => {
    const bomb = await packed(Buffer.alloc(2 ** 23 + 1, 'a'))
    await expect(unpacked([{ payload: bomb, rows: 1 }])).rejects.toThrow()
  })
})
