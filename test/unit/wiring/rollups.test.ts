import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import type { Config } from '../../../src/config/schema.ts'
import { sampleOf } from '../../../src/model/sample.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import { eventually } from '../../support/eventually.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { startRollupsOf } from '../../support/start-rollups.ts'

const minute = 60_000
const hour = 60 * minute
const noon = Date.UTC(2026, 2, 1, 12)

let folder: string
let config: Config
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollups-'))
  const text = 'elements: [{ id: agg1, address: 192.0.2.1 }]\npeak: { timeZone: Asia/Shanghai }'
  const loaded = await loadConfigText(text, join(folder, 'faultline.yaml'), {})
  if (!loaded.ok) throw new Error('the configuration is not valid')
  config = loaded.config
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function start(
  store: ReturnType<typeof createMemoryStore>,
  clock: ManualClock,
  healthy = () => true,
  metrics = createMetrics(),
) {
  const spool = { bytes: 0, maxBytes: 1, segments: 0, inMemory: 0, dropping: false, damaged: 0 }
  const queue = {
    offer: store.offer,
    status: () => ({ queued: 0, droppedTotal: 0, fillRatio: 0, healthy: healthy(), spool }),
  }
  return startRollupsOf(config, join(folder, 'data', 'rollups.json'), { store, queue, clock, metrics })
}
type Running = Awaited<ReturnType<typeof start>>

const sampleAt = (at: number) =>
  sampleOf('interface', { element: 'agg1', interface: 'x' }, { in_bps: (at - noon) / minute, out_bps: 1 }, at)

/** A poll a minute, kept and rolled up, as the pipeline does it. */
async function pollFor(
  minutes: number,
  clock: ManualClock,
  store: ReturnType<typeof createMemoryStore>,
  rollups?: Running,
) {
  for (let i = 0; i < minutes; i++) {
    const samples = [sampleAt(clock.now())]
    store.offer(samples)
    rollups?.accept(samples)
    await clock.advance(minute)
  }
}

/** The record is a real file, so some steps take real time. */
const comesTrue = (check: () => Promise<void> | void) =>
  eventually('what the test expects', async () => {
    await check()
    return true
  })

const mark = () => JSON.parse(readFileSync(join(folder, 'data', 'rollups.json'), 'utf8'))
const wholeHour = { in_bps_count: 60, in_bps_mean: 30, in_bps_p50: 29, in_bps_p95: 56, in_bps_max: 59 }

describe('roll-ups across a restart in the middle of an hour', () => {
  it.each([
    ['in the same hour', 20],
    ['and the process was killed', 20],
    ['in the last minute of the hour', 59],
  ])('lose nothing: %s', async (how, minutes) => {
    const store = createMemoryStore()
    const itsClock = new ManualClock(noon)
    const first = await start(store, itsClock)
    await pollFor(minutes, itsClock, store, first)
    // For one that was killed time stands still: it writes no last record.
    if (!how.includes('killed')) await first.close()
    const clock = new ManualClock(itsClock.now())
    const second = await start(store, clock)
    await pollFor(120 - minutes, clock, store, second)
    await comesTrue(async () => {
      await clock.advance(minute)
      expect(store.rows('interface_hour')[0]?.fields).toMatchObject(wholeHour)
    })
    const fives = store.rows('interface_5min').filter(({ at }) => at < noon + hour)
    expect(fives.map(({ fields }) => fields.samples)).toEqual(Array(12).fill(5))
    expect(fives.map(({ fields }) => fields.in_bps)).toEqual(Array.from({ length: 12 }, (_, i) => 5 * i + 2))
    await second.close()
    await first.close()
  })

  it('make good the hour in which the process ended, days later', async () => {
    const store = createMemoryStore()
    const clock = new ManualClock(noon)
    const first = await start(store, clock)
    await pollFor(30, clock, store, first)
    await comesTrue(() => expect(mark().aliveAt).toBeGreaterThan(noon))
    await first.close()
    await clock.advance(3 * 24 * hour)
    const second = await start(store, clock)
    await comesTrue(async () => {
      await clock.advance(minute)
      expect(store.rows('interface_hour')).toMatchObject([{ at: noon, fields: { in_bps_count: 30 } }])
      // And the peak of that day.
      expect(store.rows('interface_peak_day')).toMatchObject([{ tags: { direction: 'in' } }, {}])
    })
    await second.close()
    expect(mark().settledUntil).toBeGreaterThan(noon)
  })

  it('wait for a store that is away, and ask nothing while its backlog is on the way', async () => {
    const store = createMemoryStore()
    const clock = new ManualClock(noon)
    const first = await start(store, clock)
    await pollFor(30, clock, store, first)
    await first.close()
    let healthy = false
    store.away(true)
    const second = await start(store, clock, () => healthy)
    await pollFor(60, clock, store, second)
    expect(store.rows('interface_hour')).toEqual([])
    healthy = true
    await pollFor(2, clock, store, second)
    expect(store.rows('interface_hour')).toEqual([])
    store.away(false)
    await comesTrue(async () => {
      await clock.advance(minute)
      expect(store.rows('interface_hour')[0]?.fields).toMatchObject(wholeHour)
    })
    await second.close()
  })
})

describe('the first start', () => {
  it('judges no day on which nobody measured, and the days from then on', async () => {
    const text = `elements: [{ id: agg1, address: 192.0.2.1, timeZone: UTC }]
customers: [{ id: c-1, name: A, contacts: [{ channel: box, address: a@example.net }] }]
services: [{ id: s-1, customer: c-1, element: agg1 }]
notify: { channels: { box: { kind: mailbox, path: box, from: noc@example.net } } }`
    const loaded = await loadConfigText(text, join(folder, 'faultline.yaml'), {})
    if (!loaded.ok) throw new Error('the configuration is not valid')
    config = loaded.config
    const store = createMemoryStore()
    const clock = new ManualClock(noon)
    const rollups = await start(store, clock)
    await pollFor(30, clock, store, rollups)
    expect(store.rows('service_peak')).toEqual([])
    await clock.advance(12 * hour)
    await comesTrue(async () => {
      await clock.advance(minute)
      expect(store.rows('service_peak')).toMatchObject([
        {
          at: noon - 12 * hour,
          tags: { service: 's-1' },
          fields: { judged: 0, insufficient: 1, policy: 'operator-default/broadband' },
        },
      ])
    })
    await rollups.close()
  })
})

describe('late samples', () => {
  it('land in their own hour, and in its day', async () => {
    const store = createMemoryStore()
    const clock = new ManualClock(noon)
    const rollups = await start(store, clock)
    await pollFor(90, clock, store, rollups)
    expect(store.rows('interface_hour')[0]?.fields).toMatchObject(wholeHour)
    const late = sampleOf(
      'interface',
      { element: 'agg1', interface: 'x' },
      { in_bps: 1_000_000 },
      noon + 90_500,
    )
    store.offer([late])
    rollups.accept([late])
    await comesTrue(async () => {
      await clock.advance(minute)
      expect(store.rows('interface_hour')[0]?.fields).toMatchObject({
        in_bps_count: 61,
        in_bps_max: 1_000_000,
      })
    })
    expect(store.rows('interface_5min')[0]?.fields).toMatchObject({ samples: 6, in_bps_max: 1_000_000 })
    await rollups.close()
  })
})

describe('the metrics of roll-ups', () => {
  it('tell rows, late samples, hours that are open, and how far all is settled', async () => {
    const store = createMemoryStore()
    const clock = new ManualClock(noon)
    const metrics = createMetrics()
    const rollups = await start(store, clock, () => true, metrics)
    await pollFor(90, clock, store, rollups)
    const late = sampleAt(noon + 90_500)
    store.offer([late])
    rollups.accept([late])
    await comesTrue(async () => {
      await clock.advance(minute)
      expect(store.rows('interface_hour')[0]?.fields).toMatchObject({ in_bps_count: 61 })
    })
    await clock.advance(6 * minute)
    await rollups.close()
    const valuesOf = async (name: 'rollupRows' | 'rollupLate' | 'rollupOpenHours' | 'rollupSettledUntil') =>
      (await metrics[name].get()).values.map(({ labels, value }) => [...Object.values(labels), value])
    expect(await valuesOf('rollupRows')).toContainEqual(['interface_hour', 2])
    expect(await valuesOf('rollupLate')).toEqual([[1]])
    expect(await valuesOf('rollupOpenHours')).toEqual([[1]])
    expect(await valuesOf('rollupSettledUntil')).toEqual([[(noon + hour) / 1_000]])
    const counts = (await metrics.rollupDuration.get()).values.filter(({ metricName }) =>
      metricName?.endsWith('_count'),
    )
    expect(counts.map(({ labels }) => labels.work)).toEqual(expect.arrayContaining(['hour', 'span']))
  })
})

describe('the record of roll-ups', () => {
  it('may be damaged, which stops nothing', async () => {
    const store = createMemoryStore()
    const clock = new ManualClock(noon)
    await (await start(store, clock)).close()
    writeFileSync(join(folder, 'data', 'rollups.json'), '{"settledUntil":')
    const rollups = await start(store, clock)
    await pollFor(62, clock, store, rollups)
    expect(store.rows('interface_hour')).toHaveLength(1)
    await rollups.close()
    expect(mark().settledUntil).toBe(noon + hour)
  })
})
