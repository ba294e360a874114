import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  busyHourReport,
  type DailyPeaks,
  forecastOf,
  ratesP95,
  type StoredDirection,
} from '../../../src/report/busy-hour.ts'

const dayMs = 86_400_000
const first = Date.UTC(2026, 4, 1)
const dateOf = (_element: string, at: number) => new Date(at).toISOString().slice(0, 10)
const days = (...values: readonly number[]): DailyPeaks => ({
  at: values.map((_, i) => first + i * dayMs),
  bps: values,
})

const port = (
  direction: 'in' | 'out',
  peaks: StoredDirection['peaks'],
  rest: Partial<StoredDirection> = {},
): StoredDirection => ({ element: 'agg1', interface: 'Gi0/1', direction, peaks, speedBps: 1_000, ...rest })

const report = (...directions: readonly StoredDirection[]) =>
  busyHourReport({ from: first, to: first + 30 * dayMs, directions, dateOf })

describe('the busy hour of an interface', () => {
  it('is told in both directions, and full is what its fuller one is', () => {
    const { interfaces } = report(
      port('in', days(600, 900, 300), {
        p95Bps: 950,
        windowMeanBps: 500,
        tcbhHour: 20,
        tcbhBps: 550,
        rates: Float64Array.from({ length: 100 }, (_, i) => i + 1),
      }),
      port('out', days(100, 100, 820)),
    )
    expect(interfaces).toEqual([
      {
        element: 'agg1',
        interface: 'Gi0/1',
        days: 3,
        speedBps: 1_000,
        in: {
          meanBps: 600,
          highestBps: 900,
          p95Bps: 950,
          windowMeanBps: 500,
          tcbhHour: 20,
          tcbhBps: 550,
          ratesP95Bps: 95,
        },
        out: { meanBps: 340, highestBps: 820 },
        utilisation: 0.6,
        headroomBps: 400,
        daysOver: 2,
        forecast: { state: 'unknown' },
      },
    ])
  })

  it('has neither utilisation nor headroom where the capacity is not known', () => {
    const { speedBps: _, ...unknown } = port('in', days(...Array(10).fill(900)))
    const [told] = report(unknown).interfaces
    expect(told).toEqual({
      element: 'agg1',
      interface: 'Gi0/1',
      days: 10,
      in: { meanBps: 900, highestBps: 900 },
      daysOver: 0,
      forecast: { state: 'unknown' },
    })
  })

  it('counts a day once on which only one direction was measured', () => {
    const [told] = report(
      { ...port('in', days(900, 100)) },
      { ...port('out', { at: days(0, 0, 0).at.slice(1), bps: [850, 700] }) },
    ).interfaces
    expect(told).toMatchObject({ days: 3, daysOver: 2, utilisation: 0.775 })
  })

  it('does not exist without a day', () => {
    expect(report(port('in', days()))).toMatchObject({ interfaces: [], elements: [] })
  })

  it('puts the fullest first, and those without a capacity last', () => {
    const { speedBps: _, ...unknown } = port('in', days(1), { interface: 'x' })
    const { interfaces } = report(
      unknown,
      port('in', days(100), { interface: 'b' }),
      port('in', days(200), { interface: 'c' }),
      port('in', days(100), { interface: 'a' }),
    )
    expect(interfaces.map((one) => one.interface)).toEqual(['c', 'a', 'b', 'x'])
  })
})

describe('the busy hour of an element', () => {
  it('sums its interfaces up, and counts a day on which two were over once', () => {
    const { elements } = report(
      port('in', days(900, 900), { p95Bps: 950, rates: Float64Array.of(10, 20) }),
      port('in', days(850, 100), { interface: 'Gi0/2', p95Bps: 860 }),
      port('out', days(50, 150), { interface: 'Gi0/2' }),
      port('in', days(1), { element: 'acc1' }),
    )
    expect(elements).toEqual([
      {
        element: 'agg1',
        interfaces: 2,
        inMeanBps: 1_375,
        outMeanBps: 100,
        inP95Bps: 1_810,
        inRatesP95Bps: 20,
        fullest: { interface: 'Gi0/1', utilisation: 0.9, headroomBps: 100 },
        daysOver: 2,
        forecast: { state: 'unknown' },
      },
      {
        element: 'acc1',
        interfaces: 1,
        inMeanBps: 1,
        outMeanBps: 0,
        fullest: { interface: 'Gi0/1', utilisation: 0.001, headroomBps: 999 },
        daysOver: 0,
        forecast: { state: 'unknown' },
      },
    ])
  })
})

describe('the forecast', () => {
  const on = (at: number) => dateOf('', at)
  const line = (from: number, step: number, count: number) =>
    days(...Array.from({ length: count }, (_, i) => from + i * step))

  it('is the day on which a straight line reaches 80 %', () => {
    // 500 on 1 May, 10 a day: 800 after 30 days.
    expect(forecastOf(line(500, 10, 10), 1_000, on)).toEqual({ state: 'expected', date: '2026-05-31' })
  })

  it.each([
    ['fewer than seven days', line(500, 10, 6), 'unknown'],
    ['a line that falls', line(500, -10, 10), 'notInSight'],
    ['a line that is flat', line(500, 0, 10), 'notInSight'],
    ['a line that takes for ever', line(500, 0.001, 10), 'notInSight'],
    ['a line that is there', line(900, 1, 10), 'reached'],
  ] as const)('for %s is "%s"', (_what, values, state) => {
    expect(forecastOf(values, 1_000, on).state).toBe(state === 'unknown' ? 'unknown' : state)
  })

  it('is the earliest of an element’s interfaces', () => {
    const { elements } = report(
      port('in', line(500, 10, 10)),
      port('in', line(500, 20, 10), { interface: 'Gi0/2' }),
      port('in', line(500, 0, 10), { interface: 'Gi0/3' }),
    )
    expect(elements[0]?.forecast).toEqual({ state: 'expected', date: '2026-05-16' })
  })

  it('counts days and not hours when the clocks change', () => {
    const { at, bps } = line(500, 10, 10)
    const spring = { at: at.map((midnight, i) => (i < 5 ? midnight : midnight - 3_600_000)), bps }
    // The sixth midnight, an hour before that of UTC, is of the date before.
    const inSpring = (midnight: number) => on(midnight + 3_600_000)
    expect(forecastOf(spring, 1_000, inSpring)).toEqual({ state: 'expected', date: '2026-05-31' })
  })

  it('never lies before the last day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 7, maxLength: 60 }),
        fc.integer({ min: 1, max: 2_000 }),
        (values, speed) => {
          const told = forecastOf(days(...values), speed, on)
          if (told.state === 'expected')
            expect(told.date > on(first + (values.length - 1) * dayMs)).toBe(true)
        },
      ),
    )
  })
})

describe('the 95th percentile of rates', () => {
  it('drops the top 5 % of a month, that is 432 of 8640', () => {
    expect(ratesP95(Float64Array.from({ length: 8_640 }, (_, i) => 8_640 - i))).toBe(8_640 - 432)
    expect(ratesP95(Float64Array.of(7))).toBe(7)
    expect(ratesP95(new Float64Array())).toBeUndefined()
  })
})
