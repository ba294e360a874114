import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBaselines } from '../../../src/detect/baseline.ts'
import { medianOf, type StoredHour, sameHoursBefore, usualOf } from '../../../src/detect/usual.ts'
import type { ValueRule } from '../../../src/model/rule.ts'
import { createZone } from '../../../src/model/zone.ts'
import { detectorBench, element } from './detector-bench.ts'

const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs
const enough = { minHistoryMs: 2 * weekMs, minHours: 2 }
const hour = 100 * weekMs
const weeks = (...middles: readonly number[]): StoredHour[] =>
  middles.map((middle, index) => ({ at: hour - (index + 1) * weekMs, middle, p95: middle }))

describe('what is usual', () => {
  it('is the median of the weeks, and how far they lie from it', () => {
    expect(usualOf(weeks(10, 12, 11, 30, 11), hour, enough)).toEqual({
      median: 11,
      spread: expect.closeTo(1.4826, 4),
    })
  })

  it('is as wide as an hour is in itself, since single samples are compared', () => {
    const restless = weeks(10, 10, 10).map((one) => ({ ...one, p95: 43 }))
    expect(usualOf(restless, hour, enough)?.spread).toBeCloseTo(33 / 1.645)
  })

  it('is not known before there were enough such hours over long enough', () => {
    expect(usualOf([], hour, enough)).toBe(undefined)
    expect(usualOf(weeks(10), hour, enough)).toBe(undefined)
    expect(usualOf(weeks(10, 10).slice(1), hour, enough)).toBe(undefined)
    expect(usualOf(weeks(10, 10), hour, enough)).toBeDefined()
    // Clocks changed since: the same hour was 13 days and 23 hours ago.
    const shifted = weeks(10, 10).map((one) => ({ ...one, at: one.at + hourMs }))
    expect(usualOf(shifted, hour, enough)).toBeDefined()
  })

  it('is not moved beyond what is normal by fewer odd weeks than normal ones, however odd', () => {
    const normal = fc.array(fc.double({ min: 90, max: 110, noNaN: true }), { minLength: 2, maxLength: 13 })
    const odd = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { maxLength: 12 })
    fc.assert(
      fc.property(normal, odd, (usual, outliers) => {
        const few = outliers.slice(0, usual.length - 1)
        const learned = usualOf(weeks(...usual, ...few), hour, { minHistoryMs: 0, minHours: 2 })
        expect(learned?.median).toBeGreaterThanOrEqual(Math.min(...usual))
        expect(learned?.median).toBeLessThanOrEqual(Math.max(...usual))
        expect(learned?.spread).toBeLessThanOrEqual(1.4826 * 20)
      }),
    )
  })

  it('has a median like any other', () => {
    expect([medianOf([3]), medianOf([3, 1]), medianOf([5, 1, 3])]).toEqual([3, 2, 3])
  })
})

describe('the same hour of the weeks before', () => {
  const hoursBefore = (zone: string, text: string, count: number) =>
    sameHoursBefore(createZone(zone), Date.parse(text), count).map((at) => new Date(at).toISOString())

  it('is by local time when clocks change', () => {
    // 20:00 in Berlin is 18:00 UTC in summer and 19:00 in winter.
    expect(hoursBefore('Europe/Berlin', '2026-04-05T18:00:00Z', 2)).toEqual([
      '2026-03-29T18:00:00.000Z',
      '2026-03-22T19:00:00.000Z',
    ])
    expect(hoursBefore('America/New_York', '2026-11-05T23:00:00Z', 1)).toEqual(['2026-10-29T22:00:00.000Z'])
    expect(hoursBefore('Asia/Shanghai', '2026-04-05T18:00:00Z', 1)).toEqual(['2026-03-29T18:00:00.000Z'])
  })

  it('is an hour of UTC where local hours begin within one', () => {
    expect(hoursBefore('Asia/Kolkata', '2026-04-05T18:00:00Z', 1)).toEqual(['2026-03-29T18:00:00.000Z'])
  })

  it('is there for every hour, once a week, in the past', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Asia/Shanghai',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
    ]
    const anyHour = fc.integer({
      min: Date.parse('2025-01-01') / hourMs,
      max: Date.parse('2027-01-01') / hourMs,
    })
    fc.assert(
      fc.property(fc.constantFrom(...zones), anyHour, (name, number) => {
        const past = sameHoursBefore(createZone(name), number * hourMs, 3)
        for (const [index, at] of past.entries()) {
          expect(at % hourMs).toBe(0)
          expect(Math.abs(number * hourMs - (index + 1) * weekMs - at)).toBeLessThanOrEqual(2 * hourMs)
        }
      }),
    )
  })
})

const rise: ValueRule = {
  id: 'rise',
  type: 'unusual-latency',
  indicator: { measurement: 'icmp', field: 'rtt_avg_ms' },
  baseline: { side: 'rise', floor: 12, weeks: 6, minHistoryMs: 2 * weekMs, minHours: 2 },
  raise: 6,
  clear: 3,
  bands: [{ at: 6, severity: 'warning' }],
  samples: { bad: 2, of: 2, good: 2 },
}
const drop: ValueRule = {
  ...rise,
  id: 'drop',
  type: 'unusual-traffic',
  indicator: { measurement: 'interface', field: 'in_bps' },
  baseline: { side: 'drop', floor: 10, weeks: 6, minHistoryMs: 2 * weekMs, minHours: 2 },
  raise: 4,
  clear: 2,
}
const a = element('a', { icmp: true, snmp: true })

describe('a baseline', () => {
  it('never raises anything for a new element', () => {
    const bench = detectorBench([a], { rules: [rise, drop] })
    for (let second = 0; second < 300; second += 10) bench.burst(second, 'a', 0, 10 + second * 10)
    expect(bench.news()).toEqual([])
  })

  it('raises what is far above the usual of the hour, and says what that is', () => {
    const baselines = createBaselines()
    const bench = detectorBench([a], { rules: [rise], surroundings: { baselines } })
    bench.burst(0, 'a', 0, 40)
    const [wanted] = baselines.wanted()
    expect(wanted).toMatchObject({ measurement: 'icmp', field: 'rtt_avg_ms', element: 'a', vantage: 'nms' })
    wanted?.learn(0, { median: 20, spread: 3 })
    // 6 × 3 ms above 20 ms.
    for (const second of [10, 20, 30]) bench.burst(second, 'a', 0, 37.9)
    expect(bench.news()).toEqual([])
    for (const second of [40, 50]) bench.burst(second, 'a', 0, 38)
    expect(bench.told[0]?.alarm).toMatchObject({
      value: 38,
      limit: 38,
      text: 'The round trip to a takes 38 ms: 20 ms is usual at this hour of the week',
    })
    for (const second of [60, 70]) bench.burst(second, 'a', 0, 28)
    expect(bench.news()).toEqual(['raised unusual-latency a warning', 'cleared unusual-latency a warning'])
    // Another hour, of which nothing is known: neither bad nor good.
    for (const second of [3_600, 3_610, 3_620]) bench.burst(second, 'a', 0, 500)
    expect(bench.news()).toEqual([])
  })

  it('takes differences below the floor for nothing, however still it was before', () => {
    const baselines = createBaselines()
    const bench = detectorBench([a], { rules: [rise], surroundings: { baselines } })
    bench.burst(0, 'a', 0, 1)
    for (const one of baselines.wanted()) one.learn(0, { median: 1, spread: 0 })
    for (const second of [10, 20, 30]) bench.burst(second, 'a', 0, 12.9)
    expect(bench.news()).toEqual([])
    for (const second of [40, 50]) bench.burst(second, 'a', 0, 13)
    expect(bench.news()).toEqual(['raised unusual-latency a warning'])
  })

  it('raises a drop of traffic, and is content where bursts are usual', () => {
    const baselines = createBaselines()
    const bench = detectorBench([a], { rules: [drop], surroundings: { baselines } })
    const poll = (second: number, still: number, restless: number) =>
      bench.agent(
        second,
        'a',
        [],
        [bench.traffic(second, 'a', 'still', still, 0), bench.traffic(second, 'a', 'restless', restless, 0)],
      )
    poll(0, 90, 90)
    for (const one of baselines.wanted())
      one.learn(0, { median: 90, spread: one.interface === 'still' ? 5 : 60 })
    poll(60, 0, 0)
    poll(120, 0, 0)
    expect(bench.told[0]?.alarm.text).toBe(
      'The traffic of a[still] is 0 bit/s: 90 bit/s is usual at this hour of the week',
    )
    poll(180, 85, 85)
    poll(240, 85, 85)
    expect(bench.news()).toEqual([
      'raised unusual-traffic a[still] warning',
      'cleared unusual-traffic a[still] warning',
    ])
  })
})
