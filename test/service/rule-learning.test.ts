import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBaselines } from '../../src/detect/baseline.ts'
import { createPortMemory } from '../../src/detect/port-memory.ts'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { createZone } from '../../src/model/zone.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { createBaselineHistory } from '../../src/wiring/baseline-history.ts'
import { dailyRules, storedDays } from '../../src/wiring/day-rows.ts'
import { createPortHistory } from '../../src/wiring/port-history.ts'
import { createHistory } from '../../src/wiring/rollup-history.ts'
import { startInfluxd } from '../support/influxd.ts'
import { has } from '../support/requires.ts'

const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs
const signal = new AbortController().signal

/** A store that can be closed and opened again, as a restart does. */
interface Reopened {
  open(): SampleStore
  remove(): Promise<void>
}
const deps = () => ({ clock: systemClock, log: pino({ enabled: false }), metrics: createMetrics() })
const kinds: Readonly<Record<string, () => Promise<Reopened>>> = {
  embedded: async () => {
    const path = await mkdtemp(join(tmpdir(), 'faultline-learning-'))
    return {
      open: () => createEmbeddedStore({ path, retentionDays: 90 }, deps()),
      remove: () => rm(path, { recursive: true }),
    }
  },
  InfluxDB: async () => {
    const influxd = await startInfluxd()
    return {
      open: () => createInfluxStore({ url: influxd.url, database: 'learning' }, deps()),
      remove: async () => influxd[Symbol.asyncDispose](),
    }
  },
}

describe.each(Object.keys(kinds).filter((name) => name === 'embedded' || has('influxd')))(
  'what rules learn from samples of the %s store',
  (name) => {
    let place: Reopened
    beforeEach(async () => {
      const made = await kinds[name]?.()
      if (made === undefined) throw new Error(`no store ${name}`)
      place = made
    })
    afterEach(() => place.remove())

    it('is there again after a restart', async () => {
      const open = () => place.open()
      const now = systemClock.now()
      const hour = Math.floor(now / hourMs) * hourMs
      const today = Math.floor(now / (24 * hourMs)) * 24 * hourMs
      const port = { element: 'a', interface: 'ge-0/0/1' }
      const samples: Sample[] = [1, 2, 3].flatMap((week) => [
        sampleOf('interface_hour', port, { in_bps_p50: 1e6 * week, in_bps_p95: 3e6 }, hour - week * weekMs),
        sampleOf(
          'icmp_hour',
          { element: 'a', vantage: 'nms' },
          { loss_ratio_mean: 0.01, loss_ratio_p50: 0, loss_ratio_p95: 0 },
          hour - week * weekMs,
        ),
      ])
      for (const week of [1, 2, 3])
        for (let i = 0; i < 25; i++)
          samples.push(
            sampleOf(
              'icmp_hour',
              { element: `b${i}`, vantage: 'nms' },
              { rtt_avg_ms_p50: 10 + i, rtt_avg_ms_p95: 20 + i },
              hour - week * weekMs,
            ),
          )
      for (const day of [1, 2, 3])
        for (const direction of ['in', 'out'] as const)
          samples.push(
            sampleOf(
              'interface_peak_day',
              { ...port, direction },
              { peak_mean_bps: direction === 'in' ? 900 : 5, peak_max_bps: 1000, speed_bps: 1000 },
              today - day * 24 * hourMs,
            ),
          )
      samples.push(
        sampleOf('interface', { element: 'a', interface: 'ge-0/0/2' }, { oper_up: 1 }, now - 60_000),
      )
      samples.push(
        sampleOf('interface', { element: 'a', interface: 'ge-0/0/3' }, { oper_up: 0 }, now - 60_000),
      )
      const sent = (port: string, bps: number) =>
        sampleOf(
          'interface_hour',
          { element: 'a', interface: port },
          { in_bps_max: 0, out_bps_max: bps },
          hour - hourMs,
        )
      samples.push(sent('ge-0/0/4', 5), sent('ge-0/0/5', 0))
      const before = open()
      expect(await before.write(samples, signal)).toMatchObject({ refused: 0 })
      await before.close()

      const store = open()
      try {
        const history = createHistory(store, signal)
        const baselines = createBaselines()
        const settings = { weeks: 4, minHistoryMs: 2 * weekMs, minHours: 2 }
        const traffic = baselines.of({ measurement: 'interface', field: 'in_bps', ...port }, settings)
        const loss = baselines.of(
          { measurement: 'icmp', field: 'loss_ratio', element: 'a', vantage: 'nms' },
          settings,
        )
        await createBaselineHistory({ baselines, history, zoneOf: () => createZone('UTC') })(now)
        expect(traffic.usualAt(now)).toEqual({ median: 2e6, spread: expect.closeTo(1.4826e6, 0) })
        expect(loss.usualAt(now)).toEqual({ median: 0.01, spread: 0 })

        // Of many elements one question asks for all of them at once.
        const many = createBaselines()
        const others = Array.from({ length: 25 }, (_, i) => `b${i}`)
        const found = others.map((element) =>
          many.of({ measurement: 'icmp', field: 'rtt_avg_ms', element, vantage: 'nms' }, settings),
        )
        await createBaselineHistory({ baselines: many, history, zoneOf: () => createZone('UTC') })(now)
        expect(found.map((one) => one.usualAt(now)?.median)).toEqual(others.map((_, i) => 10 + i))

        const ports = createPortMemory(() => false)
        await createPortHistory({ store, ports })('a', now, signal)
        const used = [1, 2, 3, 4, 5].map((number) => ports.isUsed('a', `ge-0/0/${number}`))
        expect(used).toEqual([true, true, false, true, false])

        const daily = dailyRules([
          {
            id: 'busy',
            type: 'busy-hour-over-limit',
            indicator: 'busy-hour-utilisation',
            raise: 0.8,
            clear: 0.7,
            bands: [{ at: 0.8, severity: 'warning' }],
            samples: { bad: 3, of: 3, good: 1 },
          },
        ])
        const days = await storedDays(history, 'a', daily, [], now)
        expect(days.map(({ tags, fields }) => [tags.direction, fields.peak_mean_bps])).toEqual([
          ['in', 900],
          ['in', 900],
          ['in', 900],
        ])
      } finally {
        await store.close()
      }
    })
  },
)
