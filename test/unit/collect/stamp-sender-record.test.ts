import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ntpTime } from '../../../src/collect/stamp/ntp-time.ts'
import { readSenderStamp, stampRecordBytes } from '../../../src/collect/stamp/sender-stamp.ts'

const startMs = Date.parse('2026-03-01T08:00:00Z')
const unitsPerMs = 10_000

interface Path {
  readonly forwardMs: number
  readonly dwellMs: number
  readonly backwardMs: number
  /** How far the clock of the reflector is ahead. */
  readonly aheadMs: number
  readonly isPtp: boolean
}

/** What the sender tells of an answered packet. */
function recordOf({ forwardMs, dwellMs, backwardMs, aheadMs, isPtp }: Path, sequence = 7): Buffer {
  const bytes = Buffer.alloc(stampRecordBytes)
  const reachedMs = startMs + forwardMs + aheadMs
  const stamp = (ms: number) =>
    isPtp ? (BigInt(Math.floor(ms / 1_000)) << 32n) | BigInt(Math.round((ms % 1_000) * 1e6)) : ntpTime(ms)
  bytes.writeUInt32LE(Math.round((forwardMs + dwellMs + backwardMs) * unitsPerMs), 0)
  bytes.writeUInt32BE(sequence, 4)
  bytes.writeBigUInt64BE(ntpTime(startMs), 8)
  bytes.writeUInt32BE(sequence, 16)
  bytes.writeBigUInt64BE(stamp(reachedMs + dwellMs), 20)
  bytes.writeUInt16BE(isPtp ? 0x40_01 : 1, 28)
  bytes.writeBigUInt64BE(stamp(reachedMs), 32)
  bytes.writeUInt8(61, 40)
  bytes.writeUInt8(62, 41)
  return bytes
}

const delay = fc.integer({ min: 1, max: 20_000 }).map((tenths) => tenths / 10)
const path = fc.record({
  forwardMs: delay,
  dwellMs: fc.integer({ min: 0, max: 5_000 }).map((tenths) => tenths / 10),
  backwardMs: delay,
  aheadMs: fc.integer({ min: -1e9, max: 1e9 }),
  isPtp: fc.boolean(),
})

describe('what the sender tells of a STAMP packet', () => {
  it('has the round trip without the dwell, whatever the clock and the format of the reflector', () => {
    fc.assert(
      fc.property(path, (way) => {
        const { echo, left, ttl, ttlThere, wireSequence, reachedAt } = readSenderStamp(recordOf(way), 0)
        if (echo.fate !== 'answered') throw new Error('it was answered')
        expect(echo.rttMs).toBeCloseTo(way.forwardMs + way.backwardMs, 2)
        expect(echo.reflectorSequence).toBe(7)
        expect(reachedAt).toBeCloseTo(startMs + way.forwardMs + way.aheadMs, 2)
        expect({ left, ttl, ttlThere, wireSequence }).toEqual({
          left: true,
          ttl: 62,
          ttlThere: 61,
          wireSequence: 7,
        })
      }),
    )
  })

  it('has delays each way that differ from those of another packet as the ways do', () => {
    fc.assert(
      fc.property(path, delay, delay, (way, forwardMs, backwardMs) => {
        const [one, other] = [way, { ...way, forwardMs, backwardMs }].map(
          (each) => readSenderStamp(recordOf(each), 0).echo,
        )
        if (one?.fate !== 'answered' || other?.fate !== 'answered') throw new Error('both were answered')
        expect(other.forwardMs - one.forwardMs).toBeCloseTo(forwardMs - way.forwardMs, 2)
        expect(other.backwardMs - one.backwardMs).toBeCloseTo(backwardMs - way.backwardMs, 2)
      }),
    )
  })

  it('does not believe a dwell longer than the packet was away', () => {
    const bytes = recordOf({ forwardMs: 1, dwellMs: 0, backwardMs: 1, aheadMs: 0, isPtp: false })
    bytes.writeBigUInt64BE(ntpTime(startMs + 60_000), 20)
    expect(readSenderStamp(bytes, 0).echo).toMatchObject({ fate: 'answered', rttMs: 2 })
  })

  it.for([
    ['a lost packet', 0xffff_ffff, { fate: 'lost' }, true],
    ['no room for answers', 0xffff_fffe, { fate: 'notSent', problem: /no room/ }, true],
    ['one that did not leave', 0xffff_0000 + 101, { fate: 'notSent', problem: /unreachable/ }, false],
  ] as const)('tells %s', ([, fate, expected, left]) => {
    const bytes = Buffer.alloc(stampRecordBytes)
    bytes.writeUInt32LE(fate, 0)
    const read = readSenderStamp(bytes, 0)
    expect(read.left).toBe(left)
    expect(read.echo.fate).toBe(expected.fate)
    if (read.echo.fate === 'notSent' && expected.fate === 'notSent')
      expect(read.echo.problem).toMatch(expected.problem)
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: stampRecordBytes, maxLength: stampRecordBytes }), (bytes) => {
        const { echo } = readSenderStamp(Buffer.from(bytes), 0)
        if (echo.fate === 'answered') expect(echo.rttMs).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
