import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerTimes } from '../../../src/collect/stamp/answer-times.ts'
import { ntpTime } from '../../../src/collect/stamp/ntp-time.ts'
import {
  decodeReflectorPacket,
  decodeSenderPacket,
  encodeReflectorPacket,
  encodeSenderPacket,
  inNanoseconds,
} from '../../../src/collect/stamp/packet.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

// Laid out by hand after figures 2 and 5 of RFC 8762.
const senderBytes = hex(`
  0000002a
  ed4e7080 80000000
  1601
  000000000000000000000000000000000000000000000000000000000000`)
const senderPacket = { sequence: 42, timestamp: 0xed4e7080_80000000n, errorEstimate: 0x1601 }

const reflectorBytes = hex(`
  00000007
  ed4e7081 40000000
  9601 0000
  ed4e7081 00000000
  0000002a
  ed4e7080 80000000
  1601 0000
  fe 000000`)
const reflectorPacket = {
  sequence: 7,
  timestamp: 0xed4e7081_40000000n,
  errorEstimate: 0x9601,
  receivedAt: 0xed4e7081_00000000n,
  sender: senderPacket,
  senderTtl: 254,
}

describe('STAMP packets', () => {
  it('have the layout of RFC 8762 on the way there', () => {
    expect(encodeSenderPacket(senderPacket)).toEqual(senderBytes)
    expect(decodeSenderPacket(senderBytes)).toEqual(senderPacket)
  })

  it('have the layout of RFC 8762 on the way back', () => {
    expect(encodeReflectorPacket(reflectorPacket)).toEqual(reflectorBytes)
    expect(decodeReflectorPacket(reflectorBytes)).toEqual(reflectorPacket)
  })

  const uint32 = fc.nat({ max: 0xffff_ffff })
  const stamp = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  const estimate = fc.nat({ max: 0xffff })
  const sender = fc.record({ sequence: uint32, timestamp: stamp, errorEstimate: estimate })
  const reflector = fc.record({
    sequence: uint32,
    timestamp: stamp,
    errorEstimate: estimate,
    receivedAt: stamp,
    sender,
    senderTtl: fc.nat({ max: 255 }),
  })

  it('come back as they went out', () => {
    fc.assert(
      fc.property(sender, (packet) => {
        expect(decodeSenderPacket(encodeSenderPacket(packet))).toEqual(packet)
      }),
    )
    fc.assert(
      fc.property(reflector, (packet) => {
        expect(decodeReflectorPacket(encodeReflectorPacket(packet))).toEqual(packet)
      }),
    )
  })

  it('are refused below 44 bytes and never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const buffer = Buffer.from(bytes)
        const whole = bytes.length >= 44
        expect(decodeSenderPacket(buffer) !== undefined).toBe(whole)
        expect(decodeReflectorPacket(buffer) !== undefined).toBe(whole)
      }),
    )
  })

  it('say by the Z bit whether they count nanoseconds', () => {
    expect(inNanoseconds(0x4a01)).toBe(true)
    expect(inNanoseconds(0x8a01)).toBe(false)
  })
})

describe('NTP time', () => {
  it('counts from 1900 in units of 2^-32 s', () => {
    expect(ntpTime(0)).toBe(2_208_988_800n << 32n)
    expect(ntpTime(Date.parse('2026-03-01T08:00:00.500Z'))).toBe(0xed4e7080_80000000n)
  })

  it('wraps in 2036', () => {
    expect(ntpTime(Date.parse('2036-02-07T06:28:16.250Z'))).toBe(0x40000000n)
  })
})

describe('the times of an answer', () => {
  const answer = (receivedAt: bigint, timestamp: bigint, errorEstimate = 0x0a01) =>
    answerTimes(encodeReflectorPacket({ ...reflectorPacket, receivedAt, timestamp, errorEstimate }))

  it('tell how long the reflector kept the packet, also across the wrap of 2036', () => {
    const before = ntpTime(Date.parse('2036-02-07T06:28:15.750Z'))
    const after = ntpTime(Date.parse('2036-02-07T06:28:16.250Z'))
    expect(answer(before, after).dwellMs).toBe(500)
    expect(answer(after, before).dwellMs).toBe(-500)
  })

  it('are read in PTPv2 nanoseconds when the Z bit says so', () => {
    const [received, sent] = [(5n << 32n) | 999_000_000n, (6n << 32n) | 1_500_000n]
    expect(answer(received, sent, 0x4a01)).toEqual({
      dwellMs: 2.5,
      receivedMs: 5_999,
      sentMs: 6_001.5,
      reachedAt: 5_999,
      reflectedAt: 6_001.5,
    })
  })

  it('are 0 where the reflector does not tell', () => {
    expect(answer(0n, 1n << 32n)).toMatchObject({ receivedMs: 0, sentMs: 1_000, reachedAt: undefined })
  })

  it.for(['2026-03-01T08:00:00.5Z', '2040-03-01T08:00:00.5Z'])(
    'are a time of day, on both sides of 2036: %s',
    (day) => {
      const at = Date.parse(day)
      expect(answer(ntpTime(at), ntpTime(at + 1)).reachedAt).toBeCloseTo(at, 3)
    },
  )

  it('keep differences to a microsecond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_500_000_000_000, max: 2_500_000_000_000 }),
        fc.integer({ min: -100_000_000, max: 100_000_000 }),
        (unixMs, differenceMs) => {
          const { dwellMs } = answer(ntpTime(unixMs), ntpTime(unixMs + differenceMs))
          expect(dwellMs).toBeCloseTo(differenceMs, 3)
        },
      ),
    )
  })
})
