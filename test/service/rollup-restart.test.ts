import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigText } from '../../src/config/load-config.ts'
import type { Config } from '../../src/config/schema.ts'
import type { FieldOf } from '../../src/model/measurements.ts'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { eventually } from '../support/eventually.ts'
import { exactFigures, merged, spansOf } from '../support/exact-rollups.ts'
import { startInfluxd } from '../support/influxd.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { has } from '../support/requires.ts'
import { startRollupsOf } from '../support/start-rollups.ts'

const minute = 60_000
const hour = 60 * minute
const noon = Date.UTC(2026, 2, 1, 12)
const signal = new AbortController().signal
const spool = { bytes: 0, maxBytes: 1, segments: 0, inMemory: 0, dropping: false, damaged: 0 }

interface Opened {
  readonly store: SampleStore
  close(): Promise<void>
}
const kinds: Readonly<Record<string, (folder: string, clock: ManualClock) => Promise<Opened>>> = {
  embedded: async (folder, clock) => {
    const deps = { clock, log: pino({ enabled: false }), metrics: createMetrics() }
    const store = createEmbeddedStore({ path: join(folder, 'samples'), retentionDays: 90 }, deps)
    return { store, close: () => store.close() }
  },
  InfluxDB: async () => {
    const influxd = await startInfluxd()
    const deps = { log: pino({ enabled: false }), metrics: createMetrics() }
    const store = createInfluxStore({ url: influxd.url, database: 'restart' }, deps)
    const close = async () => {
      await store.close()
      await influxd[Symbol.asyncDispose]()
    }
    return { store, close }
  },
}

/** What was taken, on its way to a real store: in order, one batch at a time, until it is taken, as a spool does. */
function queueTo(store: SampleStore) {
  const waiting: Sample[] = []
  let writing = 0
  const deliver = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0)
      writing = batch.length
      while (!(await store.write(batch, signal).catch(() => undefined))) await setTimeout(10)
      writing = 0
    }
  }
  let delivering = Promise.resolve()
  return {
    offer(samples: readonly Sample[]) {
      waiting.push(...samples)
      delivering = delivering.then(deliver)
    },
    status: () => ({
      queued: waiting.length + writing,
      droppedTotal: 0,
      fillRatio: 0,
      healthy: true,
      spool,
    }),
  }
}

/** Hostile as names of ports are. */
const port = { element: 'agg1', interface: 'Gi0/1, "up" x=1' }
/** It is polled no more after the restart, so that only the store knows of it. */
const gone = { element: 'agg2', interface: 'gone' }
const sampleAt = (at: number, tags = port) =>
  sampleOf('interface', tags, { in_bps: ((at / minute) * 7_919) % 1_000, out_bps: 5, speed_bps: 1e6 }, at)

describe.each(Object.keys(kinds).filter((name) => name === 'embedded' || has('influxd')))(
  'a restart in the middle of an hour, with the %s store',
  (name) => {
    let folder: string
    let config: Config
    let opened: Opened
    let storeClock: ManualClock
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'rollup-restart-'))
      const text = 'elements: [{ id: agg1, address: 192.0.2.1 }, { id: agg2, address: 192.0.2.2 }]'
      const loaded = await loadConfigText(text, join(folder, 'faultline.yaml'), {})
      if (!loaded.ok) throw new Error('the configuration is not valid')
      config = loaded.config
      storeClock = new ManualClock(noon)
      const open = kinds[name]
      if (open === undefined) throw new Error(`no store ${name}`)
      opened = await open(folder, storeClock)
    })
    afterEach(async () => {
      await opened.close()
      rmSync(folder, { recursive: true })
    })

    const start = (clock: ManualClock, queue: ReturnType<typeof queueTo>) =>
      startRollupsOf(config, join(folder, 'rollups.json'), { store: opened.store, queue, clock })

    const hourly = async (field: FieldOf<'interface_hour'>, at: number, tags = port) => {
      const query = {
        measurement: 'interface_hour',
        field,
        tags,
        from: at,
        to: at + 1,
        limit: 9,
      } as const
      return (await opened.store.query(query, signal))[0]?.points[0]?.[1]
    }
    const told = async (at: number) => ({
      count: await hourly('in_bps_count', at),
      mean: await hourly('in_bps_mean', at),
      p50: await hourly('in_bps_p50', at),
      p95: await hourly('in_bps_p95', at),
      max: await hourly('in_bps_max', at),
    })

    it('loses nothing when the process is killed, and a late sample lands in its own hour', async () => {
      const taken: Sample[] = []
      const poll = async (
        minutes: number,
        clock: ManualClock,
        queue: ReturnType<typeof queueTo>,
        rollups: Awaited<ReturnType<typeof start>>,
        ports = [port],
      ) => {
        for (let i = 0; i < minutes; i++) {
          const samples = ports.map((tags) => sampleAt(clock.now(), tags))
          taken.push(...samples.filter(({ tags }) => tags === port))
          queue.offer(samples)
          rollups.accept(samples)
          await clock.advance(minute)
        }
      }
      const exact = (at: number) => {
        const figures = exactFigures(spansOf(merged(taken), hour).get(at) ?? [], 'in_bps')
        return figures && { ...figures, mean: Math.round(figures.mean) }
      }

      const before = new ManualClock(noon)
      const firstQueue = queueTo(opened.store)
      const first = await start(before, firstQueue)
      await poll(25, before, firstQueue, first, [port, gone])
      await eventually('what was taken is stored', () => firstQueue.status().queued === 0)

      // Killed: its time stands still, it writes no last record. Seven minutes pass without polls.
      const clock = new ManualClock(noon + 32 * minute)
      const queue = queueTo(opened.store)
      const second = await start(clock, queue)
      await poll(60, clock, queue, second)
      await eventually('the hour of the restart', async () => {
        await clock.advance(minute)
        return (await told(noon)).count === 53 && (await hourly('in_bps_count', noon, gone)) === 25
      })
      expect(await told(noon)).toEqual(exact(noon))

      const late = sampleOf('interface', port, { in_bps: 999_999, out_bps: 1 }, noon + 20 * minute + 500)
      taken.push(late)
      queue.offer([late])
      second.accept([late])
      await eventually('the late sample in its hour', async () => {
        await clock.advance(minute)
        return (await told(noon)).count === 54
      })
      expect(await told(noon)).toEqual(exact(noon))
      expect((await told(noon)).max).toBe(999_999)
      await second.close()
      await first.close()
      await eventually('all is stored', () => queue.status().queued === 0)
    })
  },
)
