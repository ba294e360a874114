import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Weekday, weekdays } from '../../../src/model/calendar.ts'
import type { Interval } from '../../../src/model/maintenance-window.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import type { Service } from '../../../src/model/service.ts'
import type { PeakPolicy } from '../../../src/model/service-policy.ts'
import { createZone } from '../../../src/model/zone.ts'
import { createRollupBook } from '../../../src/sample/rollup/rollup-book.ts'
import { createPeakDays, type PeakDaysDeps, type Seen } from '../../../src/wiring/peak-days.ts'
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
  calendars: [],
  lookbackDays: 3,
  intervalMs: { icmp: 5 * minute, stamp: 5 * minute, snmp: 5 * minute },
}

const policy: PeakPolicy = {
  id: 'test/any',
  version: 7,
  limits: {
    latencyMs: 100,
    lossRatio: 0.01,
    jitterMs: 40,
    utilisationRatio: 0.8,
    coverageRatio: 0.8,
  },
}

interface Circumstances {
  readonly ports?: readonly { readonly element: string; readonly interface: string }[]
  readonly policy?: PeakPolicy
  /** Planned work on `agg1`. */
  readonly planned?: readonly Interval[]
  readonly seen?: Seen
}

/** Rolls samples up, then tells every local day from `first` to `last`. */
async function toldDays(
  zoneName: string,
  samples: readonly Sample[],
  last: number,
  told: string,
  { ports = [], policy: own = policy, planned = [], seen = 'yes' }: Circumstances = {},
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
      settings: { ...settings, calendars: own.window === undefined ? [] : [own.window] },
      elements: () => ['agg1'],
      services: () => [service],
      portsOf: () => [{ element: 'agg1', interface: 'Gi0/1' }, ...ports],
      policyOf: () => own,
      planned: async () => (elements) => (elements.includes('agg1') ? planned : []),
      zoneOf: () => zone,
      offer: store.offer,
    },
    { [zoneName]: told },
  )
  days.plan(last, () => seen)
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
              const expected = (local.to - local.from) / (5 * minute)
              expect(fields.coverage).toBeCloseTo(found.length / expected, 9)
              const peakAt = peak?.at ?? Number.NaN
              const inPeak = found.filter(({ at }) => at >= peakAt && at < peakAt + hour)
              expect([fields.peak_p95_bps, fields.peak_max_bps]).toEqual(rankedOf(inPeak, field))
              const inWindow = found.filter(({ at }) => {
                const shown = wallHour(at, zoneName)
                return shown >= 19 && shown < 23
              })
              expect(fields.window_samples).toBe(inWindow.length)
              expect(fields.window_coverage).toBeCloseTo(inWindow.length / 48, 9)
              expect([fields.window_p95_bps, fields.window_max_bps]).toEqual(rankedOf(inWindow, field))
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

/** 95th percentile by nearest rank, and maximum. With one poll each 5 minutes the means of these are the samples. */
function rankedOf(samples: readonly Sample[], field: string): readonly (number | undefined)[] {
  const values = samples.map(({ fields }) => Number(fields[field])).sort((a, b) => a - b)
  return [values[Math.ceil(values.length * 0.95) - 1], values.at(-1)]
}

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
  const judged = async (samples: readonly Sample[], circumstances: Circumstances = {}) => {
    const { store } = await toldDays('Asia/Shanghai', samples, from + day + hour, '2026-05-10', circumstances)
    return store.rows('service_peak')
  }
  const fine = { loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 2 }
  const at = (text: string) => utc(`2026-05-11T${text}`)

  it('was good when nothing failed', async () => {
    expect(await judged(evening(() => ({ loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 2 })))).toEqual([
      sampleOf(
        'service_peak',
        { service: 's-1', area: 'urban', class: 'broadband' },
        {
          good: 1,
          judged: 1,
          insufficient: 0,
          planned_ratio: 0,
          coverage: 1,
          rtt_avg_ms: 20,
          loss_ratio: 0,
          jitter_ms: 2,
          utilisation_ratio: 0.1,
          latency_failed: 0,
          loss_failed: 0,
          jitter_failed: 0,
          utilisation_failed: 0,
          policy: 'test/any',
          policy_version: 7,
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
    const { store } = await toldDays('Asia/Shanghai', samples, from + day + hour, '2026-05-10', { ports })
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
    expect(row?.fields).toMatchObject({ coverage: 0.75, latency_failed: 0, judged: 0, insufficient: 1 })
    expect(row?.fields).not.toHaveProperty('good')
    expect(
      (await judged(samples.filter(({ measurement }) => measurement === 'interface')))[0]?.fields,
    ).toEqual({
      judged: 0,
      insufficient: 1,
      planned_ratio: 0,
      coverage: 0,
      utilisation_ratio: 0.1,
      utilisation_failed: 0,
      policy: 'test/any',
      policy_version: 7,
    })
  })

  it('has no row of a day on which there may have been nobody to measure, unless somebody did', async () => {
    const nothing = [ping(from - hour, fine)]
    expect(await judged(nothing, { seen: 'perhaps' })).toEqual([])
    expect((await judged(nothing))[0]?.fields).toMatchObject({ insufficient: 1, coverage: 0 })
    expect(
      await judged(
        evening(() => fine),
        { seen: 'perhaps' },
      ),
    ).toHaveLength(1)
    expect(
      await judged(
        evening(() => fine),
        { seen: 'no' },
      ),
    ).toEqual([])
  })

  it('is judged by the limits of its policy only, and told what has none', async () => {
    const lax: PeakPolicy = { id: 'test/lax', limits: { lossRatio: 0.5, coverageRatio: 0.5 } }
    const slow = evening(() => ({ loss_ratio: 0.25, rtt_avg_ms: 900, jitter_ms: 90 }), 990_000)
    const [row] = await judged(
      slow.filter(({ measurement, at: when }) => measurement !== 'icmp' || when < window.to - hour),
      { policy: lax },
    )
    expect(row?.fields).toEqual({
      good: 1,
      judged: 1,
      insufficient: 0,
      planned_ratio: 0,
      coverage: 0.75,
      rtt_avg_ms: 900,
      loss_ratio: 0.25,
      jitter_ms: 90,
      utilisation_ratio: 0.99,
      loss_failed: 0,
      policy: 'test/lax',
    })
  })

  it('is not judged by the load of a few minutes', async () => {
    const full = evening(() => fine, 990_000)
    const few = full.filter(({ measurement, at: when }) => measurement === 'icmp' || when >= at('14:30'))
    const [row] = await judged(few)
    expect(row?.fields).toMatchObject({ good: 1 })
    expect(row?.fields).not.toHaveProperty('utilisation_ratio')
    expect((await judged(full))[0]?.fields).toMatchObject({ good: 0, utilisation_failed: 1 })
  })

  it('is judged in the hours of its calendar, and not at all when that is closed', async () => {
    const office = (days: readonly Weekday[]): PeakPolicy => ({
      ...policy,
      window: {
        days,
        hours: [
          { from: 14 * 60, to: 18 * 60 },
          { from: 9 * 60, to: 12 * 60 },
          { from: 11 * 60, to: 12 * 60 + 30 },
        ],
        holidays: [],
        workdays: [],
      },
    })
    // Local 09:00 to 12:30 and 14:00 to 18:00; the lunch between them, and the evening, are as bad as can be.
    const isOffice = (when: number) =>
      (when >= at('01:00') && when < at('04:30')) || (when >= at('06:00') && when < at('10:00'))
    const samples = [
      ...every5(from, from + day, (when) =>
        traffic(when, { in_bps: isOffice(when) ? 300_000 : 1_000_000, out_bps: 1 }),
      ),
      ...every5(from, from + day, (when) =>
        ping(when, isOffice(when) ? fine : { loss_ratio: 0.5, rtt_avg_ms: 500, jitter_ms: 99 }),
      ),
    ]
    const [row] = await judged(samples, { policy: office(['mon']) })
    expect(row?.fields).toMatchObject({
      good: 1,
      coverage: 1,
      rtt_avg_ms: 20,
      loss_ratio: 0,
      utilisation_ratio: 0.3,
    })
    expect(await judged(samples, { policy: office(['tue', 'wed']) })).toEqual([])
    expect((await judged(samples))[0]?.fields).toMatchObject({ good: 0 })
  })

  it('waits for hours that reach into the next day', async () => {
    const night: PeakPolicy = {
      ...policy,
      window: { days: [...weekdays], hours: [{ from: 22 * 60, to: 5 * 60 }], holidays: [], workdays: [] },
    }
    const samples = every5(from, from + 2 * day, (when) => ping(when, fine))
    const told = async (until: number) => {
      const { store } = await toldDays('Asia/Shanghai', samples, until, '2026-05-10', { policy: night })
      return store.rows('service_peak').map(({ at: midnight, fields }) => [midnight, fields.coverage])
    }
    expect(await told(from + day + 5 * hour - 1)).toEqual([])
    expect(await told(from + day + 5 * hour)).toEqual([[from, 1]])
  })

  describe('with planned work', () => {
    const bad = { loss_ratio: 0.5, rtt_avg_ms: 500, jitter_ms: 99 }

    it('is judged by the rest, and its coverage is counted on the rest', async () => {
      // 20:02 to 21:01 local: the hour from 20:00 to 21:05 is left out, as 5 minutes are not taken apart.
      const planned = [{ start: at('12:02'), end: at('13:01') }]
      const during = (when: number) => when >= at('12:00') && when < at('13:05')
      const samples = evening(() => fine).flatMap((sample) => {
        if (sample.measurement === 'icmp') return during(sample.at) ? [ping(sample.at, bad)] : [sample]
        return during(sample.at) ? [traffic(sample.at, { in_bps: 9_000_000, out_bps: 1 })] : [sample]
      })
      const [row] = await judged(samples, { planned })
      expect(row?.fields).toMatchObject({
        good: 1,
        coverage: 1,
        planned_ratio: 65 / 240,
        rtt_avg_ms: 20,
        loss_ratio: 0,
        utilisation_ratio: 0.1,
      })
      const silent = samples.filter(({ measurement, at: when }) => measurement !== 'icmp' || !during(when))
      expect((await judged(silent, { planned }))[0]?.fields).toMatchObject({ good: 1, coverage: 1 })
      expect((await judged(samples))[0]?.fields).toMatchObject({ good: 0, planned_ratio: 0 })
    })

    it('has too little data when the rest was not measured', async () => {
      const planned = [{ start: at('11:00'), end: at('13:00') }]
      const samples = evening(() => fine).filter(
        ({ measurement, at: when }) => measurement !== 'icmp' || when < at('13:30'),
      )
      const [row] = await judged(samples, { planned })
      expect(row?.fields).toMatchObject({ judged: 0, insufficient: 1, coverage: 0.25, planned_ratio: 0.5 })
      expect(row?.fields).not.toHaveProperty('good')
    })

    it('is neither good nor bad, nor short of data, when all of the window was planned', async () => {
      const planned = [{ start: at('10:00'), end: at('16:00') }]
      expect(
        (
          await judged(
            evening(() => bad),
            { planned },
          )
        )[0]?.fields,
      ).toEqual({
        judged: 0,
        insufficient: 0,
        planned_ratio: 1,
        policy: 'test/any',
        policy_version: 7,
      })
    })
  })
})

describe('days that are told', () => {
  it('are told once, and again when an hour of theirs was told anew', async () => {
    const from = utc('2026-05-10T16:00')
    const samples = every5(from, from + 2 * day, (at) => traffic(at, { in_bps: 10 }))
    const { store, days } = await toldDays('Asia/Shanghai', samples, from + 2 * day + hour, '2026-05-10')
    expect(days.told()).toEqual({ 'Asia/Shanghai': '2026-05-12' })
    days.plan(from + 2 * day + 2 * hour, () => 'yes')
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
