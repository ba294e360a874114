import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestR, mosOf, voiceQuality } from '../../../src/detect/e-model.ts'

const near = (value: number, digits: number) => expect.closeTo(value, digits)

describe('R of the E-model', () => {
  it('is worked out as in G.107 for known paths', () => {
    const none = { lossRatio: 0, jitterMs: 0 }
    // Only the 10 ms of the codec: Id = 0.24.
    expect(voiceQuality({ ...none, rttMs: 0 })).toEqual(near(92.96, 2))
    // Mouth to ear 110 ms: Id = 2.64.
    expect(voiceQuality({ ...none, rttMs: 200 })).toEqual(near(90.56, 2))
    // 260 ms: Id = 6.24 + 0.11 × 82.7.
    expect(voiceQuality({ ...none, rttMs: 500 })).toEqual(near(77.86, 2))
    // 5 % of random loss with concealment: Ie-eff = 95 × 5 / 30.1.
    expect(voiceQuality({ lossRatio: 0.05, rttMs: 0, jitterMs: 0 })).toEqual(near(77.18, 2))
  })

  it('is not known without a round-trip time or without loss, and takes unknown jitter for none', () => {
    expect(voiceQuality({ lossRatio: 0, rttMs: Number.NaN, jitterMs: 1 })).toBeNaN()
    expect(voiceQuality({ lossRatio: Number.NaN, rttMs: 10, jitterMs: 1 })).toBeNaN()
    const known = { lossRatio: 0.01, rttMs: 40 }
    expect(voiceQuality({ ...known, jitterMs: Number.NaN })).toBe(voiceQuality({ ...known, jitterMs: 0 }))
  })

  it('falls with loss, delay and jitter, and stays between 0 and 93.2', () => {
    const path = fc.record({
      lossRatio: fc.double({ min: 0, max: 1, noNaN: true }),
      rttMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
      jitterMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
    })
    const part = fc.constantFrom('lossRatio' as const, 'rttMs' as const, 'jitterMs' as const)
    fc.assert(
      fc.property(path, part, fc.double({ min: 0, max: 1, noNaN: true }), (measure, worse, by) => {
        const r = voiceQuality(measure)
        expect(r).toBeGreaterThanOrEqual(0)
        expect(r).toBeLessThanOrEqual(bestR)
        const grown = worse === 'lossRatio' ? Math.min(1, measure.lossRatio + by) : measure[worse] + 100 * by
        expect(voiceQuality({ ...measure, [worse]: grown })).toBeLessThanOrEqual(r + 1e-9)
      }),
    )
  })
})

describe('MOS', () => {
  it('is that of G.107, Annex B', () => {
    const known = [
      [93.2, 4.41],
      [90, 4.34],
      [80, 4.03],
      [70, 3.6],
      [60, 3.1],
      [50, 2.58],
    ] as const
    expect(known.map(([r]) => mosOf(r))).toEqual(known.map(([, mos]) => near(mos, 1)))
    expect([mosOf(-5), mosOf(0), mosOf(3), mosOf(100), mosOf(120)]).toEqual([1, 1, 1, 4.5, 4.5])
  })

  it('rises with R', () => {
    const r = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(r, r, (one, other) => {
        // Of neighbouring numbers the last bit may fall.
        expect(mosOf(Math.max(one, other)) + 1e-12).toBeGreaterThanOrEqual(mosOf(Math.min(one, other)))
      }),
    )
  })
})
