import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../../src/model/sample.ts'
import { createZone } from '../../../src/model/zone.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import type { SampleStore } from '../../../src/store/sample-store.ts'
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
    throw new FaultlineError('REQUEST_INVALID', `more than ${limit} rows`)
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
