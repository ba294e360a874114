import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import type { Service } from '../../../src/model/service.ts'
import { createZone } from '../../../src/model/zone.ts'
import { createRollupBook } from '../../../src/sample/rollup/rollup-book.ts'
import { createPeakDays, type PeakDaysDeps } from '../../../src/wiring/peak-days.ts'
import { createHistory } from '../../../src/wiring/rollup-history.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const minute = 60_000
const quarter = 15 * minute
const hour = 60 * minute
const day = 24 * hour

const service: Service = {
  id: 's-1',
  customer: 'c-1',
  element: 'agg1',
  interface: 'Gi0/1',
  endpoint: 'agg1',
  class: 'broadband',
  area: 'urban',
}

const settings: PeakDaysDeps['settings'] = {
  window: { from: 19 * 60, to: 23 * 60 },
  lookbackDays: 3,
  intervalMs: { icmp: 5 * minute, stamp: 5 * minute, snmp: 5 * minute },
  limits: {
    latencyMs: 100,
    lossRatio: 0.01,
    jitterMs: 40,
    utilisationRatio: 0.8,
    coverageRatio: 0.8,
  },
}

/** Rolls samples up, then tells every local day from `first` to `last`. */
async function toldDays(
  zoneName: string,
  samples: readonly Sample[],
  last: number,
  told: string,
  further: readonly { element: string; interface: string }[] = [],
) {
  const store = createMemoryStore()
  const start = Math.min(...samples.map(({ at }) => at))
  const book = createRollupBook({ startedAt: Math.floor(start / hour) * hour, graceMs: 0 })
  book.accept(samples)
  for (const batch of book.due(last + day)) store.offer(batch)
  const zone = createZone(zoneName)
  const days = createPeakDays(
    {
      history: createHistory(store, new AbortController().signal),
      settings,
      elements: () => ['agg1'],
      services: () => [service],
      portsOf: () => [{ element: 'agg1', interface: 'Gi0/1' }, ...further],
      zoneOf: () => zone,
      offer: store.offer,
    },
    { [zoneName]: told },
  )
  days.plan(last, () => true)
  while (await days.work()) {}
  return { store, days }
}

const traffic = (at: number, fields: Record<string, number>) =>
  sampleOf('interface', { element: 'agg1', interface: 'Gi0/1' }, { ...fields, speed_bps: 1_000_000 }, at)
const ping = (at: number, fields: Record<string, number>) =>
  sampleOf('icmp', { element: 'agg1', vantage: 'nms' }, fields, at)

const utc = (text: string) => Date.parse(`${text}Z`)
/** A poll each 5 minutes. */
const every5 = (from: number, to: number, make: (at: number) => Sample) =>
  Array.from({ length: (to - from) / (5 * minute) }, (_, i) => make(from + i * 5 * minute))

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('the peak of a day', () => {
  it('is its busiest hour on quarters, and the fixed window in local time', async () => {
    const from = utc('2026-05-10T16:00')
    // Shanghai, 2026-05-11: busiest from 20:15 to 21:15 local.
    const busy = { from: utc('2026-05-11T12:15'), to: utc('2026-05-11T13:15') }
    const { store } = await toldDays(
      'Asia/Shanghai',
      every5(from, from + day, (at) =>
        traffic(at, { in_bps: at >= busy.from && at < busy.to ? 900_000 : 100_000, out_bps: 50_000 }),
      ),
      from + day + hour,
      '2026-05-10',
    )
    const rows = store.rows('interface_peak_day')
    expect(rows.map(({ tags }) => tags.direction)).toEqual(['in', 'out'])
    expect(rows[0]).toEqual(
      sampleOf(
        'interface_peak_day',
        { element: 'agg1', interface: 'Gi0/1', direction: 'in' },
        {
          peak_start_at: busy.from,
          peak_mean_bps: 900_000,
          peak_p95_bps: 900_000,
          peak_max_bps: 900_000,
          window_mean_bps: 300_000,
          window_p95_bps: 900_000,
          window_max_bps: 900_000,
          samples: 288,
          coverage: 1,
          window_samples: 48,
          window_coverage: 1,
          adph_bps: 900_000,
          tcbh_hour: 20,
          tcbh_bps: 700_000,
          trailing_days: 1,
          speed_bps: 1_000_000,
        },
        from,
      ),
    )
  })

  it('needs four quarters in a row', async () => {
    const from = utc('2026-05-10T16:00')
    const gappy = every5(from, from + day, (at) => traffic(at, { in_bps: 1 })).filter(
      ({ at }) => Math.floor(at / quarter) % 4 !== 3,
    )
    const { store } = await toldDays('Asia/Shanghai', gappy, from + day + hour, '2026-05-10')
    expect(store.rows('interface_peak_day')[0]?.fields).toMatchObject({
      samples: 216,
      coverage: 0.75,
      trailing_days: 0,
    })
    expect(store.rows('interface_peak_day')[0]?.fields).not.toHaveProperty('peak_start_at')
  })
})

/** Raw samples of the local days and what they must give, worked out the long way from the samples themselves. */
describe('peaks of any days', () => {
  const cases = [
    ['Asia/Shanghai', '2026-03-27'],
    ['Europe/Berlin', '2026-03-27'],
    ['Europe/Berlin', '2026-10-23'],
    ['America/New_York', '2026-03-06'],
    ['America/New_York', '2026-10-30'],
    ['Asia/Kolkata', '2026-10-30'],
  ] as const

  it.each(cases)('are what an exact computation gives: %s from %s', async (zoneName, firstDate) => {
    const zone = createZone(zoneName)
    const first = zone.dayAfter(zone.dayAt(utc(`${firstDate}T12:00`)), 0)
    const days = [0, 1, 2, 3].map((i) => zone.dayAfter(first, i))
    const until = days[3]?.to ?? 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 30 }),
        async (seed, gap) => {
          const random = randomFrom(seed)
          const samples = every5(first.from, until, (at) =>
            traffic(at, { in_bps: Math.floor(random() * 1e9), out_bps: Math.floor(random() * 1e6) }),
          ).filter(() => random() * 100 >= gap)
          const { store } = await toldDays(zoneName, samples, until + 2 * hour, zone.dayAfter(first, -1).date)
          for (const [direction, field] of [
            ['in', 'in_bps'],
            ['out', 'out_bps'],
          ] as const) {
            const rows = store.rows('interface_peak_day').filter(({ tags }) => tags.direction === direction)
            expect(rows.map(({ at }) => at)).toEqual(days.map(({ from }) => from))
            for (const [i, local] of days.entries()) {
              const fields = rows[i]?.fields ?? {}
              const found = samples.filter(({ at }) => at >= local.from && at < local.to)
              expect(fields.samples).toBe(found.length)
              const peak = exactPeak(found, field, local)
              expect(Math.abs(Number(fields.peak_mean_bps) - (peak?.mean ?? Number.NaN))).toBeLessThanOrEqual(
                1,
              )
              expect(fields.peak_start_at).toBe(peak?.at)
              const inWindow = found.filter(({ at }) => {
                const shown = wallHour(at, zoneName)
                return shown >= 19 && shown < 23
              })
              expect(fields.window_samples).toBe(inWindow.length)
              expect(Number(fields.window_mean_bps)).toBeCloseTo(
                mean(inWindow.map((sample) => Number(sample.fields[field]))),
                -1,
              )
              const trailing = days.slice(Math.max(0, i - 2), i + 1)
              const peaks = trailing.map((one) => exactPeak(samples, field, one)?.mean ?? Number.NaN)
              expect(Math.abs(Number(fields.adph_bps) - mean(peaks))).toBeLessThanOrEqual(2)
              const tcbh = exactTcbh(samples, field, trailing, zoneName)
              expect(fields.tcbh_hour).toBe(tcbh.hour)
              expect(Math.abs(Number(fields.tcbh_bps) / tcbh.mean - 1)).toBeLessThan(0.05)
              // Both are rounded to a whole bit per second, each by itself.
              if (gap === 0)
                expect(Number(fields.adph_bps) + 1).toBeGreaterThanOrEqual(Number(fields.tcbh_bps))
            }
          }
        },
      ),
      { numRuns: 4 },
    )
  })
})

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

function exactPeak(samples: readonly Sample[], field: string, { from, to }: { from: number; to: number }) {
  let best: { at: number; mean: number } | undefined
  for (let at = from; at + hour <= to; at += quarter) {
    const means = [0, 1, 2, 3].map((i) =>
      mean(
        samples
          .filter((s) => s.at >= at + i * quarter && s.at < at + (i + 1) * quarter)
          .map((s) => Number(s.fields[field])),
      ),
    )
    const average = mean(means)
    if (!Number.isNaN(average) && (best === undefined || average > best.mean)) best = { at, mean: average }
  }
  return best
}

const formats = new Map<string, Intl.DateTimeFormat>()
function wallHour(at: number, timeZone: string): number {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' })
  formats.set(timeZone, format)
  return Number(format.format(at))
}

function exactTcbh(
  samples: readonly Sample[],
  field: string,
  days: readonly { from: number; to: number }[],
  timeZone: string,
) {
  const averages = Array.from({ length: 24 }, (_, clock) =>
    mean(
      days.flatMap(({ from, to }) => {
        const own = samples.filter((s) => s.at >= from && s.at < to && wallHour(s.at, timeZone) === clock)
        // As stored: the mean of the hours, or of the quarters where hours are no hours of UTC.
        const width = timeZone === 'Asia/Kolkata' ? quarter : hour
        const bins = Map.groupBy(own, (s) => Math.floor(s.at / width))
        const means = [...bins.values()].map((found) => mean(found.map((s) => Number(s.fields[field]))))
        return means.length === 0 ? [] : [mean(means)]
      }),
    ),
  )
  const best = Math.max(...averages.filter((value) => !Number.isNaN(value)))
  return { hour: averages.indexOf(best), mean: best }
}

describe('a service at the peak', () => {
  const from = utc('2026-05-10T16:00')
  const window = { from: utc('2026-05-11T11:00'), to: utc('2026-05-11T15:00') }
  const evening = (make: (at: number) => Record<string, number>, load = 100_000) => [
    ...every5(from, from + day, (at) => traffic(at, { in_bps: load, out_bps: 1 })),
    ...every5(window.from, window.to, (at) => ping(at, make(at))),
  ]
  const judged = async (samples: readonly Sample[]) => {
    const { store } = await toldDays('Asia/Shanghai', samples, from + day + hour, '2026-05-10')
    return store.rows('service_peak')
  }

  it('was good when nothing failed', async () => {
    expect(await judged(evening(() => ({ loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 2 })))).toEqual([
      sampleOf(
        'service_peak',
        { service: 's-1', area: 'urban', class: 'broadband' },
        {
          good: 1,
          coverage: 1,
          rtt_avg_ms: 20,
          loss_ratio: 0,
          jitter_ms: 2,
          utilisation_ratio: 0.1,
          latency_failed: 0,
          loss_failed: 0,
          jitter_failed: 0,
          utilisation_failed: 0,
        },
        from,
      ),
    ])
  })

  it.each([
    ['latency', { loss_ratio: 0, rtt_avg_ms: 100, jitter_ms: 2 }, 1],
    ['loss', { loss_ratio: 0.01, rtt_avg_ms: 20, jitter_ms: 2 }, 1],
    ['jitter', { loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 40 }, 1],
    ['utilisation', { loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 2 }, 800_000],
  ] as const)('was bad when its %s failed', async (what, fields, load) => {
    const [row] = await judged(evening(() => fields, load))
    const failed = Object.entries(row?.fields ?? {}).filter(
      ([name, value]) => /_failed$/.test(name) && value === 1,
    )
    expect(row?.fields.good).toBe(0)
    expect(failed).toEqual([[`${what}_failed`, 1]])
  })

  it('was bad when every packet was lost', async () => {
    const [row] = await judged(evening(() => ({ loss_ratio: 1 })))
    expect(row?.fields).toMatchObject({ good: 0, loss_failed: 1 })
    expect(row?.fields).not.toHaveProperty('rtt_avg_ms')
  })

  it('was bad when a link that it shares was full, though its own port was not', async () => {
    const shared = (port: string, load: number) =>
      every5(from, from + day, (at) =>
        sampleOf(
          'interface',
          { element: 'core1', interface: port },
          { in_bps: 1_000, out_bps: load, speed_bps: 1_000_000 },
          at,
        ),
      )
    const samples = [
      ...evening(() => ({ loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 2 })),
      ...shared('to-agg1', 900_000),
      ...shared('elsewhere', 990_000),
    ]
    const ports = ['to-agg1', 'never polled'].map((port) => ({ element: 'core1', interface: port }))
    const { store } = await toldDays('Asia/Shanghai', samples, from + day + hour, '2026-05-10', ports)
    expect(store.rows('service_peak')[0]?.fields).toMatchObject({
      good: 0,
      utilisation_ratio: 0.9,
      utilisation_failed: 1,
      loss_failed: 0,
    })
  })

  it('was neither when too little was measured', async () => {
    const samples = evening(() => ({ loss_ratio: 0, rtt_avg_ms: 20 })).filter(
      ({ measurement, at }) => measurement !== 'icmp' || at < window.to - hour,
    )
    const [row] = await judged(samples)
    expect(row?.fields).toMatchObject({ coverage: 0.75, latency_failed: 0 })
    expect(row?.fields).not.toHaveProperty('good')
    expect(
      (await judged(samples.filter(({ measurement }) => measurement === 'interface')))[0]?.fields,
    ).toEqual({
      coverage: 0,
      utilisation_ratio: 0.1,
      utilisation_failed: 0,
    })
  })
})

describe('days that are told', () => {
  it('are told once, and again when an hour of theirs was told anew', async () => {
    const from = utc('2026-05-10T16:00')
    const samples = every5(from, from + 2 * day, (at) => traffic(at, { in_bps: 10 }))
    const { store, days } = await toldDays('Asia/Shanghai', samples, from + 2 * day + hour, '2026-05-10')
    expect(days.told()).toEqual({ 'Asia/Shanghai': '2026-05-12' })
    days.plan(from + 2 * day + 2 * hour, () => true)
    expect(await days.work()).toBe(false)

    const [before] = store.rows('interface_5min')
    store.offer([
      sampleOf('interface_5min', { element: 'agg1', interface: 'Gi0/1' }, { in_bps: 8_650 }, before?.at ?? 0),
    ])
    days.again('agg1', from + 3 * hour)
    expect(days.told()).toEqual({ 'Asia/Shanghai': '2026-05-10' })
    while (await days.work()) {}
    expect(days.told()).toEqual({ 'Asia/Shanghai': '2026-05-12' })
    const [first, second] = store.rows('interface_peak_day')
    expect(first?.fields).toMatchObject({ peak_start_at: from, peak_mean_bps: 730 })
    expect(second?.fields).toMatchObject({ adph_bps: 370 })
  })

  it('stay to be told while the store is away', async () => {
    const from = utc('2026-05-10T16:00')
    const { store, days } = await toldDays(
      'Asia/Shanghai',
      every5(from, from + day, (at) => traffic(at, { in_bps: 10 })),
      from + day + hour,
      '2026-05-10',
    )
    store.away(true)
    days.again('agg1', from)
    await expect(days.work()).rejects.toThrow()
    expect(days.told()).toEqual({ 'Asia/Shanghai': '2026-05-10' })
    store.away(false)
    while (await days.work()) {}
    expect(days.told()).toEqual({ 'Asia/Shanghai': '2026-05-11' })
  })
})
