import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measurements } from '../../../src/model/measurements.ts'
import type { Burst } from '../../../src/model/reading.ts'
import { burstFields, directionFields } from '../../../src/sample/burst-statistics.ts'

const burst = (...rttsMs: (number | null)[]): Burst => ({ sent: rttsMs.length, rttsMs })

describe('the fields of a burst', () => {
  it('are the figures that a person would work out', () => {
    expect(burstFields(burst(10, 14, null, 11, 13))).toEqual({
      sent: 5,
      received: 4,
      loss_ratio: expect.closeTo(0.2, 12),
      rtt_min_ms: 10,
      rtt_avg_ms: 12,
      rtt_median_ms: 12,
      rtt_max_ms: 14,
      rtt_stddev_ms: expect.closeTo(Math.sqrt(2.5), 12),
      jitter_ms: 3,
    })
  })

  it('have no round-trip time when all were lost', () => {
    expect(burstFields(burst(null, null))).toEqual({ sent: 2, received: 0, loss_ratio: 1 })
  })

  it('have neither deviation nor jitter with one reply', () => {
    expect(Object.keys(burstFields(burst(null, 7)))).toEqual([
      'sent',
      'received',
      'loss_ratio',
      'rtt_min_ms',
      'rtt_avg_ms',
      'rtt_median_ms',
      'rtt_max_ms',
    ])
  })

  it('have no loss when nothing was sent', () => {
    expect(burstFields(burst())).toEqual({ sent: 0, received: 0 })
  })

  const rtt = fc.double({ min: 0, max: 60_000, noNaN: true })
  const bursts = fc.array(fc.option(rtt), { maxLength: 50 }).map((rtts) => burst(...rtts))

  it('are finite, in order, and known to the table of measurements', () => {
    fc.assert(
      fc.property(bursts, (any) => {
        const fields = burstFields(any)
        for (const [name, value] of Object.entries(fields)) {
          expect(measurements.icmp.fields).toHaveProperty(name)
          expect(Number.isFinite(value)).toBe(true)
          expect(value).toBeGreaterThanOrEqual(0)
        }
        const { rtt_min_ms: min, rtt_avg_ms: avg, rtt_median_ms: median, rtt_max_ms: max } = fields
        if (min !== undefined && avg !== undefined && median !== undefined && max !== undefined) {
          expect(min <= avg && avg <= max && min <= median && median <= max).toBe(true)
          expect(fields.jitter_ms ?? 0).toBeLessThanOrEqual(max - min)
          expect(fields.rtt_stddev_ms ?? 0).toBeLessThanOrEqual(max - min)
        }
        if (any.sent > 0) expect(fields.loss_ratio).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('do not depend on the order of replies, but for jitter', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 }), (rtts) => {
        const { jitter_ms: _there, ...there } = burstFields(burst(...rtts))
        const { jitter_ms: _back, ...back } = burstFields(burst(...rtts.toReversed()))
        for (const [name, value] of Object.entries(there))
          expect(back).toHaveProperty(name, expect.closeTo(value, 6))
      }),
    )
  })
})

describe('the fields by direction', () => {
  it('are ratios of what was sent', () => {
    const fields = directionFields({ ...burst(1, null, null, null), lostForward: 1, lostBackward: 2 })
    expect(fields).toEqual({ loss_forward_ratio: 0.25, loss_backward_ratio: 0.5 })
  })

  it('are absent when the burst does not tell them', () => {
    expect(directionFields(burst(1, null))).toEqual({})
  })

  it('carry delay variation each way', () => {
    const fields = directionFields({ ...burst(1, 2), jitterForwardMs: 0.5, jitterBackwardMs: 0 })
    expect(fields).toEqual({ jitter_forward_ms: 0.5, jitter_backward_ms: 0 })
  })
})
