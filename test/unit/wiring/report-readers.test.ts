import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../../src/model/sample.ts'
import { createZone } from '../../../src/model/zone.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import type { SampleStore } from '../../../src/store/sample-store.ts'
import { tooManyPoints } from '../../../src/store/series-query.ts'
import { createBusyHourReader } from '../../../src/wiring/busy-hour-reader.ts'
import { createPeakExperienceReader } from '../../../src/wiring/peak-experience-reader.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const signal = new AbortController().signal
const dayMs = 86_400_000
const from = Date.parse('2026-05-01T00:00:00Z')
const to = from + 30 * dayMs
const utc = createZone('UTC')

/** A store that says so of anything, as one does where there are more rows than the limit. */
const tooSmall: Pick<SampleStore, 'columns'> = {
  columns: async ({ limit }) => {
    throw tooManyPoints(limit)
  },
}
const problemOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof FaultlineError ? [error.code, error.details.field, error.message] : error
}

describe('a report that is too large', () => {
  it('says how large it may be, and what to ask instead', async () => {
    const busy = createBusyHourReader(tooSmall, () => utc)({ from, to, percentiles: false }, signal)
    expect(await problemOf(busy)).toEqual([
      'REQUEST_INVALID',
      'from',
      expect.stringContaining(
        'has more than 200000 days of interfaces; name an element or take a shorter range',
      ),
    ])
    const peak = createPeakExperienceReader(tooSmall, () => utc)({ from, to, mostServices: 1 }, signal)
    expect(await problemOf(peak)).toEqual([
      'REQUEST_INVALID',
      'from',
      expect.stringContaining(
        'has more than 500000 days of services; name a class or an area, or take a shorter range',
      ),
    ])
  })

  it('is told apart from what else a store refuses', async () => {
    const refusing: Pick<SampleStore, 'columns'> = {
      columns: async () => {
        throw new FaultlineError('REQUEST_INVALID', 'the range of time is empty')
      },
    }
    const query = { from, to, mostServices: 1, percentiles: false }
    for (const read of [createBusyHourReader, createPeakExperienceReader])
      expect(await problemOf(read(refusing, () => utc)(query, signal))).toEqual([
        'REQUEST_INVALID',
        undefined,
        'the range of time is empty',
      ])
  })

  it('is refused before a month of 5-minute rates of very many interfaces is read', async () => {
    const store = createMemoryStore()
    const ports = Array.from({ length: 105 }, (_, i) => `p${i}`)
    store.offer(
      ports.flatMap((port) =>
        (['in', 'out'] as const).map((direction) =>
          sampleOf(
            'interface_peak_day',
            { element: 'a', interface: port, direction },
            { peak_mean_bps: 5 },
            from,
          ),
        ),
      ),
    )
    const read = createBusyHourReader(store, () => utc)
    expect(await problemOf(read({ from, to, percentiles: true }, signal))).toEqual([
      'REQUEST_INVALID',
      'from',
      expect.stringContaining(
        'has more than 1800000 5-minute rates for 95th percentiles; name an interface, take a shorter range, or ask without percentiles',
      ),
    ])
    expect((await read({ from, to, percentiles: false }, signal)).interfaces).toHaveLength(105)
    const shorter = await read({ from, to: from + 20 * dayMs, percentiles: true }, signal)
    expect(shorter.interfaces).toHaveLength(105)
  })
})

describe('the peak of services', () => {
  it.each([
    ['Europe/Berlin', '2026-10-25', 25],
    ['Europe/Berlin', '2026-03-29', 23],
    ['America/New_York', '2026-11-01', 25],
    ['Asia/Shanghai', '2028-02-29', 24],
  ])('has in %s the day %s of %i hours once', async (name, date, hours) => {
    const zone = createZone(name)
    const day = zone.dayOf(date)
    expect(day.to - day.from).toBe(hours * 3_600_000)
    const store = createMemoryStore()
    const tags = { service: 's-1', area: 'urban', class: 'x' } as const
    for (const after of [-1, 0, 1])
      store.offer([sampleOf('service_peak', tags, { judged: 1, good: 1 }, zone.dayAfter(day, after).from)])
    const read = createPeakExperienceReader(store, () => zone)
    const dates = async (first: number, end: number) =>
      (await read({ from: first, to: end, mostServices: 1 }, signal)).byDay.map(({ name: own }) => own)
    expect(await dates(day.from, day.to)).toEqual([date])
    expect(await dates(day.from + 1, day.to + 1)).toEqual([zone.dayAfter(day, 1).date])
    expect(await dates(day.from - 1, day.from)).toEqual([])
    expect(await dates(0, day.to + 86_400_000)).toEqual([-1, 0, 1].map((n) => zone.dayAfter(day, n).date))
  })

  it('lets others get their turn while very many days are added up, and ends when nobody waits any more', async () => {
    const store = createMemoryStore()
    const services = Array.from({ length: 1_200 }, (_, i) => `s-${i}`)
    store.offer(
      services.flatMap((service) =>
        Array.from({ length: 30 }, (_, i) =>
          sampleOf(
            'service_peak',
            { service, area: 'urban', class: 'x' },
            { judged: 1, good: 1 },
            from + i * dayMs,
          ),
        ),
      ),
    )
    const read = createPeakExperienceReader(store, () => utc)
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const { total } = await read({ from, to, mostServices: 1 }, signal)
    isOver = true
    expect(total.good).toBe(36_000)
    expect(turns).toBeGreaterThanOrEqual(3)
    const leaving = new AbortController()
    const left = read({ from, to, mostServices: 1 }, leaving.signal)
    leaving.abort()
    await expect(left).rejects.toThrow('aborted')
  })

  it('is told by local day, of each zone its own, and old rows without a verdict are no days of planned work', async () => {
    const store = createMemoryStore()
    const zones = new Map([
      ['s-cn', createZone('Asia/Shanghai')],
      ['s-us', createZone('America/New_York')],
    ])
    for (const [service, zone] of zones)
      store.offer([
        sampleOf(
          'service_peak',
          { service, area: 'urban', class: 'x' },
          { judged: 1, insufficient: 0, good: 0, planned_ratio: 0, loss_failed: 1, latency_failed: 0 },
          zone.dayOf('2026-05-11').from,
        ),
      ])
    // As rows were before they told what was judged.
    const old = { service: 's-cn', area: 'urban', class: 'x' } as const
    const before = createZone('Asia/Shanghai')
    store.offer([sampleOf('service_peak', old, { good: 1, coverage: 1 }, before.dayOf('2026-05-09').from)])
    store.offer([sampleOf('service_peak', old, { coverage: 0.1 }, before.dayOf('2026-05-10').from)])
    const read = createPeakExperienceReader(store, (service) => zones.get(service) ?? utc)
    const found = await read({ from, to, mostServices: 5 }, signal)
    expect(found.byDay.map(({ name, good, bad, insufficient }) => [name, good, bad, insufficient])).toEqual([
      ['2026-05-09', 1, 0, 0],
      ['2026-05-10', 0, 0, 1],
      ['2026-05-11', 0, 2, 0],
    ])
    expect(found.missed).toEqual({ latency: 0, loss: 2, jitter: 0, utilisation: 0 })
    expect(found.total.planned).toBe(0)
  })
})
