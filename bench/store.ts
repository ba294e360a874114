import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../src/platform/clock.ts'
import { createLogger } from '../src/platform/logger.ts'
import { createMetrics } from '../src/platform/metrics.ts'
import { createLatestValues } from '../src/sample/latest-values.ts'
import { createEmbeddedStore } from '../src/store/embedded/embedded-store.ts'
import { SampleFile } from '../src/store/embedded/sample-file.ts'
import { dayOf } from '../src/store/embedded/worker-messages.ts'
import type { EncodedLines } from '../src/store/encoded-lines.ts'
import { createInfluxStore } from '../src/store/influx/influx-store.ts'
import { LineEncoder } from '../src/store/line-encoder.ts'
import type { SampleStore } from '../src/store/sample-store.ts'
import { startInfluxd } from '../test/support/influxd.ts'
import { print, type Result, spentOn } from './support/measure.ts'
import { benchBusyHour, benchKpi, median } from './support/report-cost.ts'
import { interfaceSamples } from './support/traffic.ts'

/**
 * What the stores cost: 1,000 interfaces over a day, every 300 s (288,000 rows, as many times as `--days` says: the
 * names of the series are kept once for all days), taken as
 * lines from the spool; then 24 hours of one series, the busy-hour report and the KPI. `node bench/store.ts [--days 2]
 * [--embedded-only] [--reports-only]`
 */

const days = process.argv.includes('--days') ? Number(process.argv[process.argv.indexOf('--days') + 1]) : 2
const interfaces = 1_000
const intervalMs = 300_000
const dayMs = 86_400_000
/** Days that are over since: a store may have written them anew. */
const today = (Math.floor(systemClock.now() / dayMs) - 3) * dayMs
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
  return median(times)
}

/** What is in use: pages that wait for the next rows are not counted. */
function bytesIn(file: string): number {
  const db = new DatabaseSync(file)
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name])
  const bytes = (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
  db.close()
  return bytes
}

/** The newest of 500,000 interfaces, in the memory of the daemon. */
async function benchLatest(): Promise<Result[]> {
  const series = 500_000
  globalThis.gc?.()
  const before = process.memoryUsage()
  const latest = createLatestValues()
  for (const sample of interfaceSamples(series, today)) latest.accept([sample])
  globalThis.gc?.()
  const after = process.memoryUsage()
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  const next = interfaceSamples(100_000, today + intervalMs)
  const accepted = await spentOn(() => latest.accept(next))
  const times: number[] = []
  for (let i = 0; i < 15; i++) {
    const since = performance.now()
    const { tags, values } = latest.rows('interface', ['in_bps', 'out_bps', 'speed_bps'], {})
    let busy = 0
    for (let row = 0; row < tags.length; row++) {
      const fuller = Math.max(values.in_bps[row] ?? 0, values.out_bps[row] ?? 0)
      if (fuller > 0.8 * (values.speed_bps[row] ?? 0)) busy++
    }
    times.push(performance.now() - since)
    if (tags.length !== series || busy === 0) throw new Error('series are missing')
  }
  return [
    { name: `latest of ${series} series`, value: median(times), unit: 'ms', goal: { atMost: 50 } },
    { name: 'latest: take samples', value: next.length / accepted.cpuSeconds, unit: 'rows/CPU s' },
    { name: 'latest: held', value: bytes / series, unit: 'B/series' },
  ]
}

async function benchEmbedded(noisy: boolean): Promise<Result[]> {
  const path = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
  const name = noisy ? 'embedded, all fields random' : 'embedded'
  const store = createEmbeddedStore({ path, retentionDays: 3_650 }, deps())
  const { rows, cpuSeconds, wallSeconds } = await fill(store, noisy)
  const raw = await timeOfQuery(store, false)
  const hourly = await timeOfQuery(store, true)
  await store.close()
  const file = join(path, 'samples.sqlite')
  const asWritten = bytesIn(file) / rows
  const tidied = await spentOn(() => {
    const sampleFile = new SampleFile(file)
    while (sampleFile.tidy(dayOf(systemClock.now()))) {}
    sampleFile.close()
  })
  const tidy = bytesIn(file) / rows
  const again = createEmbeddedStore({ path, retentionDays: 3_650 }, deps())
  const reports = noisy ? [] : await benchReports(name, again, { goal: { atMost: 50 } })
  await again.close()
  await rm(path, { recursive: true })
  return [
    { name: `${name}: take lines`, value: rows / cpuSeconds, unit: 'rows/CPU s', goal: { atLeast: 150_000 } },
    { name: `${name}: take lines`, value: rows / wallSeconds, unit: 'rows/s' },
    { name: `${name}: on disk, today`, value: asWritten, unit: 'B/row' },
    { name: `${name}: on disk, days that are over`, value: tidy, unit: 'B/row', goal: { atMost: 50 } },
    { name: `${name}: write a day anew`, value: rows / tidied.cpuSeconds, unit: 'rows/CPU s' },
    { name: `${name}: 24 h of a series`, value: raw, unit: 'ms', goal: { atMost: 10 } },
    { name: `${name}: 24 h, hourly p95`, value: hourly, unit: 'ms' },
    ...reports,
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
      results.push(
        { name: `${name}: 24 h of a series`, value: await timeOfQuery(store, false), unit: 'ms' },
        ...(await benchReports(name, store, {})),
      )
    await store.close()
  }
  return results
}

/** 30 days: what design says of the busy hour, and the KPI of as many services. */
const benchReports = async (name: string, store: SampleStore, goal: Pick<Result, 'goal'>) => [
  ...(await benchBusyHour(name, store, today, goal)),
  ...(await benchKpi(name, store, 1_000, today, goal)),
]

async function benchReportsOnly(): Promise<Result[]> {
  const path = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
  const store = createEmbeddedStore({ path, retentionDays: 3_650 }, deps())
  const results = await benchReports('embedded', store, { goal: { atMost: 50 } })
  results.push(...(await benchKpi('embedded', store, 10_000, today, {})))
  await store.close()
  await rm(path, { recursive: true })
  if (!withInflux) return results
  await using influxd = await startInfluxd()
  const influx = createInfluxStore({ url: influxd.url, database: 'reports' }, deps())
  results.push(...(await benchReports('InfluxDB', influx, {})))
  await influx.close()
  return results
}

const withInflux = !process.argv.includes('--embedded-only') && spawnSync('influxd', ['version']).status === 0
if (process.argv.includes('--reports-only')) print('store', await benchReportsOnly())
else
  print('store', [
    ...(await benchEmbedded(false)),
    ...(await benchEmbedded(true)),
    ...(await benchLatest()),
    ...(withInflux ? await benchInflux() : []),
  ])
