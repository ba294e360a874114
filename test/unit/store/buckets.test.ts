import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketed, p95 } from '../../../src/store/embedded/buckets.ts'

describe('buckets', () => {
  it('begin at multiples of the step since the epoch, and are absent without values', () => {
    expect(
      bucketed(
        [
          [7, 1],
          [9, 3],
          [31, 5],
        ],
        10,
        'mean',
      ),
    ).toEqual([
      [0, 2],
      [30, 5],
    ])
  })

  it('lose no value and make none', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.integer({ min: 1, max: 100 }), (times, step) => {
        const points = times.toSorted((a, b) => a - b).map((at) => [at, at] as const)
        const buckets = bucketed(points, step, 'max')
        expect(new Set(buckets.map(([start]) => start))).toEqual(
          new Set(times.map((at) => Math.floor(at / step) * step)),
        )
        for (const [start, most] of buckets) {
          const inside = times.filter((at) => at >= start && at < start + step)
          expect(most).toBe(Math.max(...inside))
        }
      }),
    )
  })

  it.each([
    [[3], 3],
    [[2, 1], 2],
    [Array.from({ length: 100 }, (_, i) => 100 - i), 95],
    // 0.95 × 10 = 9.5 is rounded up, 0.95 × 9 = 8.55 too, 0.95 × 8 = 7.6 too, 0.95 × 29 = 27.55 too.
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 10],
  ])('take the 95th percentile of %j by nearest rank', (values, expected) => {
    expect(p95([...values])).toBe(expected)
  })
})
