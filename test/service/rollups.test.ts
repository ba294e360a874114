import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { createZone } from '../../src/model/zone.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createRollupBook } from '../../src/sample/rollup/rollup-book.ts'
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { createBusyHourReader } from '../../src/wiring/busy-hour-reader.ts'
import { createPeakDays } from '../../src/wiring/peak-days.ts'
import { createPeakExperienceReader } from '../../src/wiring/peak-experience-reader.ts'
import { createHistory } from '../../src/wiring/rollup-history.ts'
import { createUnsettledHours } from '../../src/wiring/settle-hours.ts'
import { startInfluxd } from '../support/influxd.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { has } from '../support/requires.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const zone = createZone('Europe/Berlin')
const signal = new AbortController().signal

/** Eight days of polls around the change of the clocks, of which the last hour was cut by a restart. */
const first = zone.dayOf('2026-03-26')
const after = zone.dayAfter(first, 8).from
const ports = ['Gi0/1', 'Gi0/2 "up"']

const raw: readonly Sample[] = Array.from({ length: (after - first.from) / (5 * minute) }, (_, i) => {
  const at = first.from + i * 5 * minute
  const isEvening = new Date(at + zone.offsetAt(at)).getUTCHours() === 20
  const dayNumber = Math.floor((at - first.from) / day)
  const load = (isEvening ? 5e8 : 1e8) + dayNumber * 1e7
  return [
    ...ports.map((port, p) =>
      sampleOf(
        'interface',
        { element: 'agg1', interface: port },
        { in_bps: load / (p + 1), out_bps: 1_000 + i, speed_bps: 1e9 },
        at,
      ),
    ),
    sampleOf(
      'icmp',
      { element: 'agg1', vantage: 'nms' },
      { loss_ratio: 0, rtt_avg_ms: isEvening ? 30.125 : 10, jitter_ms: 1 },
      at,
    ),
  ]
}).flat()

const settings = {
  window: { from: 19 * 60, to: 23 * 60 },
  calendars: [],
  lookbackDays: 7,
  intervalMs: { icmp: 5 * minute, stamp: 5 * minute, snmp: 5 * minute },
}
const limits = {
  latencyMs: 100,
  lossRatio: 0.01,
  jitterMs: 40,
  utilisationRatio: 0.8,
  coverageRatio: 0.8,
}
/** On the fifth day the whole evening, on the sixth half of it. */
const planned = [4, 5].map((i) => {
  const { from, to } = zone.windowOf(zone.dayAfter(first, i), { from: 19 * 60, to: 23 * 60 })
  return { start: from, end: i === 4 ? to : from + 2 * hour }
})

async function rolledUp(store: SampleStore) {
  const written: Sample[] = []
  const flush = async () => {
    const batch = written.splice(0)
    expect(await store.write(batch, signal)).toEqual({ written: batch.length, refused: 0 })
  }
  const offer = (samples: readonly Sample[]) => void written.push(...samples)
  offer(raw)
  const book = createRollupBook({ startedAt: first.from, graceMs: 0 })
  const cut = after - 30 * minute
  book.accept(raw.filter(({ at }) => at < cut))
  for (const batch of book.due(cut)) offer(batch)
  await flush()
  const history = createHistory(store, signal)
  const elements = () => ['agg1']
  const unsettled = createUnsettledHours({ history, elements, offer, settled: () => {} })
  unsettled.add([{ hour: after - hour, everySeries: true, parts: [] }])
  await unsettled.settle(after)
  expect(unsettled.earliest()).toBeUndefined()
  await flush()
  const days = createPeakDays(
    {
      history,
      settings,
      elements,
      services: () => [
        {
          id: 's-1',
          customer: 'c-1',
          element: 'agg1',
          interface: 'Gi0/1',
          endpoint: 'agg1',
          class: 'x',
          area: 'rural',
        },
      ],
      portsOf: ({ element, interface: port = '' }) => [{ element, interface: port }],
      policyOf: () => ({ id: 'test/any', version: 3, limits }),
      planned: async () => () => planned,
      zoneOf: () => zone,
      offer,
    },
    { 'Europe/Berlin': zone.dayAfter(first, -1).date },
  )
  days.plan(after, () => 'yes')
  while (await days.work()) await flush()
}

const stores: Readonly<Record<string, () => Promise<{ store: SampleStore; close: () => Promise<void> }>>> = {
  embedded: async () => {
    const path = await mkdtemp(join(tmpdir(), 'faultline-rollups-'))
    const clock = new ManualClock(after)
    const store = createEmbeddedStore(
      { path, retentionDays: 90 },
      { clock, log: createLogger('silent'), metrics: createMetrics() },
    )
    return {
      store,
      close: async () => {
        await store.close()
        await rm(path, { recursive: true })
      },
    }
  },
  InfluxDB: async () => {
    const influxd = await startInfluxd()
    const store = createInfluxStore(
      { url: influxd.url, database: 'rollups' },
      { log: createLogger('silent'), metrics: createMetrics() },
    )
    return {
      store,
      close: async () => {
        await store.close()
        await influxd[Symbol.asyncDispose]()
      },
    }
  },
}

describe.each(Object.keys(stores).filter((name) => name === 'embedded' || has('influxd')))(
  'roll-ups in the %s store',
  (name) => {
    let store: SampleStore
    let close = async () => {}
    beforeAll(async () => {
      const opened = await stores[name]?.()
      if (opened === undefined) throw new Error(`no store ${name}`)
      store = opened.store
      close = opened.close
      await rolledUp(store)
    })
    afterAll(() => close())

    const values = async (
      measurement: 'interface_peak_day' | 'icmp_peak_day' | 'service_peak',
      field: string,
    ) => {
      const asked = { measurement, field, tags: {}, from: first.from, to: after, limit: 1_000 } as Parameters<
        SampleStore['query']
      >[0]
      return (await store.query(asked, signal)).map(({ points }) => points.map(([, value]) => value))
    }

    it('have a row for each local day, of 23 hours too', async () => {
      expect(await values('icmp_peak_day', 'samples')).toEqual([[288, 288, 288, 276, 288, 288, 288, 288]])
      expect(await values('icmp_peak_day', 'coverage')).toEqual([Array(8).fill(1)])
      expect(await values('icmp_peak_day', 'peak_mean_ms')).toEqual([Array(8).fill(30.125)])
      expect(await values('icmp_peak_day', 'tcbh_hour')).toEqual([Array(8).fill(20)])
      expect((await values('interface_peak_day', 'trailing_days')).at(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 7])
      // Planned work all evening is neither good nor bad, and its row has neither.
      expect(await values('service_peak', 'good')).toEqual([Array(7).fill(1)])
      expect(await values('service_peak', 'judged')).toEqual([[1, 1, 1, 1, 0, 1, 1, 1]])
      expect(await values('service_peak', 'insufficient')).toEqual([Array(8).fill(0)])
      expect(await values('service_peak', 'planned_ratio')).toEqual([[0, 0, 0, 0, 1, 0.5, 0, 0]])
      expect(await values('service_peak', 'coverage')).toEqual([Array(7).fill(1)])
      expect(await values('service_peak', 'policy_version')).toEqual([Array(8).fill(3)])
    })

    it('tell whether services were good at the peak', async () => {
      const read = createPeakExperienceReader(store, () => zone)
      const found = await read({ from: first.from, to: after, mostServices: 10 }, signal)
      expect(found).toMatchObject({
        state: 'met',
        services: 1,
        total: { good: 7, bad: 0, insufficient: 0, planned: 1, share: 1, coverage: 1 },
        byClass: [{ name: 'x', good: 7 }],
        byArea: [{ name: 'rural', good: 7 }],
        worst: [],
      })
      expect(found.byDay.map(({ name }) => name)).toEqual(
        Array.from({ length: 8 }, (_, i) => zone.dayAfter(first, i).date),
      )
      expect(found.byDay[4]).toEqual({ name: '2026-03-30', good: 0, bad: 0, insufficient: 0, planned: 1 })
      const none = await read({ from: first.from, to: after, class: 'y', mostServices: 10 }, signal)
      expect(none).toMatchObject({ state: 'insufficient', services: 0 })
    })

    it('give the busy-hour report', async () => {
      const read = createBusyHourReader(store, () => zone)
      const query = { from: first.from, to: after, percentiles: true }
      const { interfaces, elements } = await read(query, signal)
      const mean = 5e8 + 3.5e7
      expect(interfaces.map((one) => one.interface)).toEqual(ports)
      expect(interfaces[0]).toMatchObject({
        days: 8,
        speedBps: 1e9,
        in: {
          meanBps: expect.closeTo(mean, -3),
          highestBps: 5.7e8,
          tcbhHour: 20,
          tcbhBps: expect.closeTo(5.4e8, -6),
        },
        utilisation: expect.closeTo(0.535, 3),
        headroomBps: expect.closeTo(1e9 - mean, -3),
        daysOver: 0,
        forecast: { state: 'expected', date: '2026-04-25' },
      })
      const rates = raw
        .filter(({ tags }) => tags.interface === 'Gi0/1')
        .map(({ fields }) => Number(fields.in_bps))
        .sort((a, b) => a - b)
      expect(interfaces[0]?.in?.ratesP95Bps).toBe(rates[Math.ceil(rates.length * 0.95) - 1])
      expect(elements).toMatchObject([{ element: 'agg1', interfaces: 2, fullest: { interface: 'Gi0/1' } }])
      const one = await read(
        { ...query, element: 'agg1', interface: ports[1] ?? '', percentiles: false },
        signal,
      )
      expect(one.interfaces).toHaveLength(1)
      expect(one.interfaces[0]?.in).not.toHaveProperty('ratesP95Bps')
    })
  },
)
