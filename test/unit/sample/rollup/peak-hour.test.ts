import { describe, expect, it } from 'vitest'
import {
  coverageOf,
  type FiveMinutes,
  peakHourOf,
  spanFiguresOf,
} from '../../../../src/sample/rollup/peak-hour.ts'
import { rollupPlans } from '../../../../src/sample/rollup/rollup-plan.ts'
import { RowPool } from '../../../../src/sample/rollup/row-pool.ts'
import { SampleRows } from '../../../../src/sample/rollup/sample-rows.ts'
import { settleHour } from '../../../../src/sample/rollup/settle-hour.ts'

const minute = 60_000
const hour = 60 * minute
const span = { from: 0, to: 4 * hour }
const numbers = (values: readonly number[]) => Float64Array.from(values)
/** So many polls in each 5 minutes, from the beginning, and the mean of their values where they gave any. */
const fivesOf = (
  polls: readonly number[],
  means: readonly number[] = polls.map(() => Number.NaN),
): FiveMinutes => ({
  at: numbers(polls.map((_, i) => i * 5 * minute)),
  mean: numbers(means),
  max: numbers(means.map((mean) => mean + 1)),
  samples: numbers(polls),
  polls: numbers(polls),
})
const fives = (...counts: readonly number[]) => fivesOf(counts)

describe('coverage', () => {
  it.each([
    ['all of four hours at a poll a minute', fives(...Array(48).fill(5)), minute, 1],
    ['half of them', fives(...Array(24).fill(5)), minute, 0.5],
    ['extra polls beside missing ones', fives(...Array(24).fill(10)), minute, 0.5],
    ['one poll too few in each 5 minutes', fives(...Array(48).fill(4)), minute, 0.8],
    ['polls every 7 seconds, of which 42 or 43 fit', fives(...Array(48).fill(42)), 7_000, 1],
    ['polls every ten minutes', fives(...Array.from({ length: 48 }, (_, i) => (i + 1) % 2)), 10 * minute, 1],
    ['polls every half hour, one missing', fives(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 5), 30 * minute, 0.875],
    ['none', fives(), minute, 0],
  ] as const)('of %s', (_what, polls, intervalMs, expected) => {
    expect(coverageOf(polls, span, intervalMs)).toBeCloseTo(expected, 10)
  })

  it('of an empty span is none', () => {
    expect(coverageOf(fives(1), { from: 0, to: 0 }, minute)).toBe(0)
  })
})

describe('the peak hour', () => {
  const rated = (...means: readonly number[]) =>
    fivesOf(
      means.map(() => 5),
      means,
    )

  it('may begin on any quarter, and its p95 is of 5-minute means', () => {
    const means = [...Array(15).fill(1), ...Array(11).fill(10), 30, ...Array(21).fill(1)]
    expect(peakHourOf(rated(...means), span)).toEqual({
      startAt: 75 * minute,
      mean: expect.closeTo(140 / 12, 10),
      p95: 30,
      max: 31,
    })
  })

  it('is the earliest of equal ones, and lies within the day', () => {
    expect(peakHourOf(rated(...Array(48).fill(7)), span)?.startAt).toBe(0)
    expect(peakHourOf(rated(...Array(48).fill(7)), { from: 20 * minute, to: 80 * minute })).toBeUndefined()
  })
})

describe('a quarter hour', () => {
  it('counts by its samples, and not at all where it was not measured', () => {
    const means = [10, 40, Number.NaN, ...Array(9).fill(10)]
    const uneven = fivesOf([3, 1, 9, ...Array(9).fill(1)], means)
    expect(peakHourOf(uneven, span)?.mean).toBeCloseTo((70 / 4 + 30) / 4, 10)
    const missing = fivesOf(
      Array(48).fill(1),
      Array.from({ length: 48 }, (_, i) => (i % 12 < 3 ? Number.NaN : 1)),
    )
    expect(peakHourOf(missing, span)).toBeUndefined()
  })
})

describe('a span', () => {
  it('has counts and no values where everything was lost', () => {
    expect(spanFiguresOf(fives(...Array(48).fill(5)), span, minute)).toEqual({
      samples: 240,
      coverage: 1,
    })
  })
})

describe('an hour that is settled', () => {
  const [plan] = rollupPlans
  if (plan === undefined) throw new Error('there is no plan')
  const tags = { element: 'a', interface: 'x' }

  it('has what the store has and what only memory has, and each sample once', () => {
    const rows = new SampleRows(new RowPool(2))
    rows.put(minute, [20, undefined])
    rows.put(2 * minute, [30, 1])
    const stored = {
      series: [{ tags, start: 0, end: 2 }],
      at: numbers([0, minute]),
      values: {
        in_bps: numbers([10, 19]),
        out_bps: numbers([Number.NaN, Number.NaN]),
        speed_bps: numbers([1_000, Number.NaN]),
      },
    }
    const other = { element: 'a', interface: 'y' }
    const parts = [
      { plan, tags, rows, latest: undefined },
      { plan, tags: other, rows, latest: 7 },
    ]
    const [samples = [], others = []] = [...settleHour(plan, 0, stored, parts)]
    expect(others.at(-1)).toMatchObject({ tags: other, fields: { in_bps_count: 2, speed_bps: 7 } })
    expect(samples.at(-1)?.fields).toMatchObject({
      in_bps_count: 3,
      in_bps_mean: 20,
      out_bps_count: 1,
      speed_bps: 1_000,
    })
  })
})

describe('rows', () => {
  it('stay in order over pages and chunks, however they come', () => {
    const pool = new RowPool(1, 2)
    const [one, other] = [new SampleRows(pool), new SampleRows(pool)]
    for (let i = 0; i < 100; i++) {
      one.put((i * 37) % 100, [i])
      other.put(100 - i, [100 - i])
    }
    expect(one.values(0, 0, 100)).toEqual(
      Array.from({ length: 100 }, (_, i) => i).sort((a, b) => ((a * 37) % 100) - ((b * 37) % 100)),
    )
    expect(other.values(0, 51, 101)).toEqual(Array.from({ length: 50 }, (_, i) => 51 + i))
    expect(one.count(10, 20)).toBe(10)
  })
})
