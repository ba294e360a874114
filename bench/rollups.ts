import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { type Sample, sampleOf } from '../src/model/sample.ts'
import { createZone } from '../src/model/zone.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createLogger } from '../src/platform/logger.ts'
import { createMetrics } from '../src/platform/metrics.ts'
import { createRollupBook } from '../src/sample/rollup/rollup-book.ts'
import { createEmbeddedStore } from '../src/store/embedded/embedded-store.ts'
import { createPeakDays } from '../src/wiring/peak-days.ts'
import { createHistory } from '../src/wiring/rollup-history.ts'
import { numberOption } from './figures.ts'
import { print, type Result } from './support/measure.ts'

/**
 * Roll-ups: what the hour that runs holds in memory, and what the hour's end and the night's work cost the main thread.
 * Options: --interfaces (50000), --nightly (2000): a poll a minute; by ICMP every ten seconds,
 * one element for 50 interfaces.
 */

const args = process.argv.slice(2)
const minute = 60_000
const hourMs = 60 * minute
const dayMs = 24 * hourMs
const mib = (bytes: number) => bytes / 2 ** 20

/** How long the main thread could not do anything else, and for how much of the time in all, while `work` ran. */
async function loopWhile(work: () => Promise<void>) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = performance.eventLoopUtilization()
  const since = performance.now()
  delay.enable()
  await work()
  delay.disable()
  return {
    seconds: (performance.now() - since) / 1_000,
    busySeconds: performance.eventLoopUtilization(before).active / 1_000,
    worstMs: delay.max / 1e6,
    p99Ms: delay.percentile(99) / 1e6,
  }
}

async function benchHour(interfaces: number): Promise<Result[]> {
  const elements = Math.max(1, Math.round(interfaces / 50))
  const noon = Date.UTC(2026, 2, 1, 12)
  const held = () => {
    globalThis.gc?.()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = held()
  const book = createRollupBook({ startedAt: noon, graceMs: 90_000 })
  let rows = 0
  const batches: number[] = []
  const close = async (now: number) => {
    let cpu = process.threadCpuUsage()
    for (const batch of book.due(now)) {
      rows += batch.length
      const { user, system } = process.threadCpuUsage(cpu)
      batches.push((user + system) / 1_000)
      await setImmediate()
      cpu = process.threadCpuUsage()
    }
  }
  for (let second = 0; second < 3_600; second += 10) {
    const at = noon + second * 1_000
    for (let e = 0; e < elements; e++)
      book.accept([
        sampleOf(
          'icmp',
          { element: `element-${e}`, vantage: 'nms' },
          { rtt_avg_ms: e + second / 7, loss_ratio: 0, jitter_ms: 0.5 },
          at + e,
        ),
      ])
    if (second % 60 === 0)
      for (let i = 0; i < interfaces; i++)
        book.accept([
          sampleOf(
            'interface',
            { element: `element-${i % elements}`, interface: `GigabitEthernet0/0/${i}` },
            { in_bps: 1e9 + i * second, out_bps: 5e8 + i, speed_bps: 1e10 },
            at + (i % elements),
          ),
        ])
    await close(at)
  }
  batches.length = 0
  const { series, samples } = book.size()
  const bytes = held() - before
  const end = await loopWhile(() => close(noon + hourMs + 2 * minute))
  const name = `hour of ${interfaces} interfaces`
  return [
    { name: `${name}: held`, value: mib(bytes), unit: 'MiB', goal: { atMost: 150 } },
    { name: `${name}: held, by sample`, value: bytes / samples, unit: 'B' },
    { name: `${name}: series`, value: series, unit: 'series' },
    { name: `${name}: its end takes`, value: end.seconds, unit: 's' },
    {
      name: `${name}: longest batch at its end, CPU`,
      value: Math.max(...batches),
      unit: 'ms',
      goal: { atMost: 10 },
    },
    { name: `${name}: hold of the loop at its end, p99`, value: end.p99Ms, unit: 'ms' },
    {
      name: `${name}: longest hold of the loop at its end`,
      value: end.worstMs,
      unit: 'ms',
      goal: { atMost: 10 },
    },
    { name: `${name}: rows made`, value: rows, unit: 'rows' },
  ]
}

/** A week of roll-ups in the store, of which the last day is told. */
async function benchNight(interfaces: number): Promise<Result[]> {
  const portsAnElement = 50
  const elements = Array.from({ length: Math.ceil(interfaces / portsAnElement) }, (_, i) => `element-${i}`)
  const path = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
  const store = createEmbeddedStore(
    { path, retentionDays: 3_650 },
    { clock: systemClock, log: createLogger('silent'), metrics: createMetrics() },
  )
  const zone = createZone('Asia/Shanghai')
  const today = zone.dayAt(systemClock.now())
  const day = zone.dayAfter(today, -1)
  const { signal } = new AbortController()
  const write = async (samples: readonly Sample[]) => {
    const { refused } = await store.write(samples, signal)
    if (refused > 0) throw new Error('roll-ups were refused')
  }
  for (const element of elements) {
    const samples: Sample[] = []
    for (let i = 0; i < portsAnElement; i++) {
      const tags = { element, interface: `GigabitEthernet0/0/${i}` }
      const bps = (at: number) => Math.floor((1 + Math.sin(at / 4e6)) * 4e8)
      for (let at = day.from; at < day.to; at += 5 * minute) {
        const [received, sent] = [bps(at), bps(at + i)]
        const fields = {
          in_bps: received,
          out_bps: sent,
          in_bps_max: received,
          out_bps_max: sent,
          samples: 5,
        }
        samples.push(sampleOf('interface_5min', tags, fields, at))
      }
      for (let at = day.to - 7 * dayMs; at < day.to; at += hourMs) {
        const fields = { in_bps_mean: bps(at), out_bps_mean: bps(at), speed_bps: 1e9 }
        samples.push(sampleOf('interface_hour', tags, fields, at))
      }
      for (let at = day.to - 7 * dayMs; at < day.from; at += dayMs)
        for (const direction of ['in', 'out'] as const)
          samples.push(sampleOf('interface_peak_day', { ...tags, direction }, { peak_mean_bps: bps(at) }, at))
    }
    const tags = { element, vantage: 'nms' }
    for (let at = day.from; at < day.to; at += 5 * minute) {
      const fields = {
        rtt_avg_ms: 20,
        rtt_avg_ms_max: 30,
        loss_ratio: 0,
        jitter_ms: 1,
        samples: 30,
        answered: 30,
      }
      samples.push(sampleOf('icmp_5min', tags, fields, at))
    }
    await write(samples)
  }
  let made = 0
  const days = createPeakDays(
    {
      history: createHistory(store, signal),
      settings: {
        window: { from: 19 * 60, to: 23 * 60 },
        lookbackDays: 7,
        intervalMs: { icmp: 10_000, stamp: 10_000, snmp: minute },
        calendars: [],
      },
      elements: () => elements,
      services: () => [],
      portsOf: () => [],
      policyOf: () => ({ id: 'none', limits: { coverageRatio: 0.8 } }),
      planned: async () => () => [],
      zoneOf: () => zone,
      offer: (samples) => {
        made += samples.length
      },
    },
    { [zone.name]: zone.dayAfter(day, -1).date },
  )
  days.plan(today.from + hourMs, () => 'yes')
  const night = await loopWhile(async () => {
    while (await days.work()) {}
  })
  await store.close()
  await rm(path, { recursive: true })
  if (made !== elements.length * (2 * portsAnElement + 1)) throw new Error(`${made} rows were made`)
  const name = `night of ${interfaces} interfaces`
  const scale = 50_000 / interfaces
  return [
    { name: `${name}: takes`, value: night.seconds, unit: 's' },
    { name: `${name}: of the main thread`, value: night.busySeconds, unit: 's' },
    { name: 'the same, of 50,000', value: night.seconds * scale, unit: 's' },
    { name: 'the same, of the main thread', value: night.busySeconds * scale, unit: 's' },
    { name: `${name}: hold of the loop, p99`, value: night.p99Ms, unit: 'ms' },
    { name: `${name}: longest hold of the loop`, value: night.worstMs, unit: 'ms', goal: { atMost: 10 } },
  ]
}

print('rollups', [
  ...(await benchHour(numberOption(args, 'interfaces', 50_000))),
  ...(await benchNight(numberOption(args, 'nightly', 2_000))),
])
