import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Sample } from '../src/model/sample.ts'
import { systemClock } from '../src/platform/clock.ts'
import { FaultlineError } from '../src/platform/errors.ts'
import { createLogger } from '../src/platform/logger.ts'
import { createMetrics } from '../src/platform/metrics.ts'
import { createEmbeddedStore } from '../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../src/store/influx/influx-store.ts'
import type { SampleStore } from '../src/store/sample-store.ts'
import { createSpool } from '../src/store/spool/spool.ts'
import { startInfluxd } from '../test/support/influxd.ts'
import { numberOption } from './figures.ts'
import { print, type Result, spentOn } from './support/measure.ts'
import { interfaceSamples } from './support/traffic.ts'

/**
 * An outage of the store at 5,000 rows a second, filled in as fast as it goes, then drained beside live data at that
 * rate. Late is the time from a poll until the store has its rows: up to a second until they are on disk, and the write.
 * Options: --minutes (5; an hour is --minutes=60), --store=influxdb|embedded,
 * --influxd=NAME=VALUE for an INFLUXDB_* variable of influxd.
 */

const args = process.argv.slice(2)
const minutes = numberOption(args, 'minutes', 5)
const kind = args.includes('--store=embedded') ? 'embedded' : 'influxdb'
const given = args.filter((arg) => arg.startsWith('--influxd=')).map((arg) => arg.split('=').slice(1))
const influxdSettings = Object.fromEntries(given.map(([name = '', ...value]) => [name, value.join('=')]))
const rowsASecond = 5_000
const start = systemClock.now() - (minutes + 1) * 60_000

const path = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
const influxd = kind === 'influxdb' ? await startInfluxd(influxdSettings) : undefined
const deps = { clock: systemClock, log: createLogger('silent'), metrics: createMetrics() }
const store: SampleStore =
  influxd === undefined
    ? createEmbeddedStore({ path: join(path, 'samples'), retentionDays: 3_650 }, deps)
    : createInfluxStore({ url: influxd.url, database: 'outage' }, deps)

let away = true
let taken = 0
const lateness: number[] = []
/** The store, which can be away, and looks at the clock when live rows arrive. */
const watched = {
  ...(store.batch === undefined ? {} : { batch: store.batch }),
  writeLines: async (...[lines, signal]: Parameters<SampleStore['writeLines']>) => {
    if (away) throw new FaultlineError('STORE_UNAVAILABLE', 'away')
    const result = await store.writeLines(lines, signal)
    taken += result.written
    const first = lines.bytes.subarray(0, lines.bytes.indexOf(10)).toString()
    const at = Number(first.slice(first.lastIndexOf(' ')))
    if (at >= liveFrom) lateness.push(systemClock.now() - at)
    return result
  },
}
let liveFrom = Number.POSITIVE_INFINITY
const spool = createSpool(
  { path: join(path, 'spool'), maxBytes: 2 * 2 ** 30, maxSamples: 200_000 },
  { ...deps, store: watched },
)

/** 5,000 interfaces of one second; all of one time, to tell lateness by. */
const second = (at: number): Sample[] => pool.map((sample) => ({ ...sample, at }))
const pool = interfaceSamples(rowsASecond, start)

let slowestOffer = 0
const offer = (samples: readonly Sample[]) => {
  const since = performance.now()
  spool.offer(samples)
  slowestOffer = Math.max(slowestOffer, performance.now() - since)
}

/** The last seconds of the outage pass as fast as seconds do: what counts as live then is what would. */
const lastSeconds = 15
const outageRows = (minutes * 60 + lastSeconds) * rowsASecond
const filledRows = minutes * 60 * rowsASecond
const fill = await spentOn(async () => {
  for (let i = 0; i < minutes * 60; i++) {
    offer(second(start + i * 1_000))
    // As fast as the disk takes it: memory stays bounded.
    while (spool.status().spool.inMemory > 50_000) await setTimeout(5)
    await setTimeout(0)
  }
  while (spool.status().spool.inMemory > 0) await setTimeout(5)
})
for (let i = 0; i < lastSeconds; i++) {
  offer(second(systemClock.now()))
  await setTimeout(1_000)
}
while (spool.status().spool.inMemory > 0) await setTimeout(5)
const { bytes } = spool.status().spool
const memory = process.memoryUsage().rss

/** CPU time of influxd so far; all threads (proc(5), `stat`, in hundredths of a second). */
function serverSeconds(): number {
  const pid = influxd?.pid()
  if (pid === undefined) return 0
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user, system] = fields.split(' ').slice(11, 13).map(Number)
  return ((user ?? 0) + (system ?? 0)) / 100
}

away = false
liveFrom = systemClock.now()
let live = 0
const serverBefore = serverSeconds()
const drain = await spentOn(async () => {
  while (taken < outageRows) {
    const since = performance.now()
    offer(second(systemClock.now()))
    live += rowsASecond
    await setTimeout(Math.max(0, 1_000 - (performance.now() - since)))
  }
})
const server = serverSeconds() - serverBefore
const takenMeanwhile = taken
while (spool.status().queued > 0) await setTimeout(20)
await spool.close()
const { droppedTotal } = spool.status()
await store.close()
await influxd?.[Symbol.asyncDispose]()
await rm(path, { recursive: true })

const sorted = lateness.toSorted((a, b) => a - b)
const late = (share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const drained = (takenMeanwhile - live) / drain.wallSeconds
const results: Result[] = [
  { name: 'rows of the outage', value: outageRows, unit: 'rows' },
  { name: 'lost', value: outageRows + live - taken + droppedTotal, unit: 'rows', goal: { atMost: 0 } },
  { name: 'to disk', value: filledRows / fill.cpuSeconds, unit: 'rows/CPU s' },
  { name: 'to disk', value: filledRows / fill.wallSeconds, unit: 'rows/s' },
  { name: 'on disk', value: bytes / outageRows, unit: 'B/row' },
  { name: 'longest call of offer (5,000 rows)', value: slowestOffer, unit: 'ms' },
  { name: 'memory after the outage', value: memory / 2 ** 20, unit: 'MiB' },
  { name: 'drained beside live data', value: drained, unit: 'rows/s', goal: { atLeast: 10 * rowsASecond } },
  {
    name: 'of what it had: cores in use',
    value: (drain.cpuSeconds + server) / drain.wallSeconds,
    unit: 'cores',
  },
  { name: 'our CPU', value: (drain.cpuSeconds / takenMeanwhile) * 1e6, unit: 'CPU s/M rows' },
  ...(influxd === undefined
    ? []
    : [{ name: 'CPU of influxd', value: (server / takenMeanwhile) * 1e6, unit: 'CPU s/M rows' }]),
  { name: 'live data late, median', value: late(0.5), unit: 'ms' },
  { name: 'live data late, 95 %', value: late(0.95), unit: 'ms', goal: { atMost: 3_000 } },
  { name: 'live data late, worst: until the store was found again', value: late(1), unit: 'ms' },
]
print(`outage, ${kind}`, results)
