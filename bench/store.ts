import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/platform/clock.ts'
import { createLogger } from '../src/platform/logger.ts'
import { createMetrics } from '../src/platform/metrics.ts'
import { createEmbeddedStore } from '../src/store/embedded/embedded-store.ts'
import type { EncodedLines } from '../src/store/encoded-lines.ts'
import { createInfluxStore } from '../src/store/influx/influx-store.ts'
import { LineEncoder } from '../src/store/line-encoder.ts'
import type { SampleStore } from '../src/store/sample-store.ts'
import { startInfluxd } from '../test/support/influxd.ts'
import { print, type Result, spentOn } from './support/measure.ts'
import { interfaceSamples } from './support/traffic.ts'

/**
 * What the stores cost: 1,000 interfaces over a day, every 300 s (288,000 rows, as many times as `--days` says), taken as
 * lines from the spool; then 24 hours of one series. `node bench/store.ts [--days 1]`
 */

const days = Number(process.argv[process.argv.indexOf('--days') + 1] || 1) || 1
const interfaces = 1_000
const intervalMs = 300_000
const dayMs = 86_400_000
const today = Math.floor(systemClock.now() / dayMs) * dayMs
const from = today - days * dayMs
const signal = new AbortController().signal
const deps = () => ({ clock: systemClock, log: createLogger('silent'), metrics: createMetrics() })

function* batches(noisy: boolean): Generator<EncodedLines> {
  const encoder = new LineEncoder(() => {})
  for (let at = from; at < today; at += intervalMs) {
    for (const sample of interfaceSamples(interfaces, at, { noisy })) encoder.append(sample)
    // About what a write of the spool holds.
    if (encoder.rows >= 8_000) yield encoder.take()
  }
  if (encoder.rows > 0) yield encoder.take()
}

async function fill(store: SampleStore, noisy: boolean) {
  const all = [...batches(noisy)]
  const rows = all.reduce((sum, lines) => sum + lines.rows, 0)
  const spent = await spentOn(async () => {
    for (const lines of all) {
      const { written } = await store.writeLines(lines, signal)
      if (written !== lines.rows) throw new Error(`${written} of ${lines.rows} rows were written`)
    }
  })
  return { rows, ...spent }
}

/** Median of many, ms. */
async function timeOfQuery(store: SampleStore, aggregate: boolean): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 30; i++) {
    const tags = { element: `access-${i % 20}`, interface: 'GigabitEthernet0/7' }
    const since = performance.now()
    const [series] = await store.query(
      {
        measurement: 'interface',
        field: 'in_bps',
        tags,
        from: today - dayMs,
        to: today,
        limit: 10_000,
        ...(aggregate ? { step: 3_600_000, aggregate: 'p95' as const } : {}),
      },
      signal,
    )
    times.push(performance.now() - since)
    if (series?.points.length !== (aggregate ? 24 : dayMs / intervalMs)) throw new Error('points are missing')
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

async function benchEmbedded(noisy: boolean): Promise<Result[]> {
  const path = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
  const name = noisy ? 'embedded, all fields random' : 'embedded'
  const store = createEmbeddedStore({ path, retentionDays: 3_650 }, deps())
  const { rows, cpuSeconds, wallSeconds } = await fill(store, noisy)
  const raw = await timeOfQuery(store, false)
  const hourly = await timeOfQuery(store, true)
  await store.close()
  const { size } = statSync(join(path, 'samples.sqlite'))
  await rm(path, { recursive: true })
  return [
    { name: `${name}: take lines`, value: rows / cpuSeconds, unit: 'rows/CPU s', goal: { atLeast: 150_000 } },
    { name: `${name}: take lines`, value: rows / wallSeconds, unit: 'rows/s' },
    {
      name: `${name}: on disk`,
      value: size / rows,
      unit: 'B/row',
      ...(noisy ? {} : { goal: { atMost: 50 } }),
    },
    { name: `${name}: 24 h of a series`, value: raw, unit: 'ms', goal: { atMost: 10 } },
    { name: `${name}: 24 h, hourly p95`, value: hourly, unit: 'ms' },
  ]
}

async function benchInflux(): Promise<Result[]> {
  await using influxd = await startInfluxd()
  const results: Result[] = []
  for (const gzip of [false, true]) {
    const name = gzip ? 'InfluxDB, gzip' : 'InfluxDB'
    const store = createInfluxStore({ url: influxd.url, database: gzip ? 'packed' : 'plain', gzip }, deps())
    const { rows, cpuSeconds, wallSeconds } = await fill(store, false)
    results.push(
      { name: `${name}: post lines (our share)`, value: rows / cpuSeconds, unit: 'rows/CPU s' },
      { name: `${name}: post lines`, value: rows / wallSeconds, unit: 'rows/s' },
    )
    if (!gzip)
      results.push({ name: `${name}: 24 h of a series`, value: await timeOfQuery(store, false), unit: 'ms' })
    await store.close()
  }
  return results
}

const results = [...(await benchEmbedded(false)), ...(await benchEmbedded(true))]
if (!process.argv.includes('--embedded-only') && spawnSync('influxd', ['version']).status === 0)
  results.push(...(await benchInflux()))
print('store', results)
