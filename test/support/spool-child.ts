import { sampleOf } from '../../src/model/sample.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import { createSpool } from '../../src/store/spool/spool.ts'

/**
 * A process to be killed: offers samples without end, and prints `<first> <end>` of those that are on disk. Its
 * arguments: folder, number of the first sample, address of InfluxDB or `embedded`.
 */
const [folder = '', first = '0', address = 'embedded'] = process.argv.slice(2)
const deps = { clock: systemClock, log: createLogger('silent'), metrics: createMetrics() }
const store =
  address === 'embedded'
    ? createEmbeddedStore({ path: `${folder}/samples`, retentionDays: 36_500 }, deps)
    : createInfluxStore({ url: address, database: 'killed' }, deps)
const spool = createSpool(
  { path: `${folder}/spool`, maxBytes: 2 ** 30, maxSamples: 1e6, segmentBytes: 40_000, flushMs: 20 },
  { store, ...deps },
)
const perRound = 300
for (let from = Number(first); ; from += perRound) {
  const numbers = Array.from({ length: perRound }, (_, i) => from + i)
  spool.offer(
    numbers.map((sent) =>
      sampleOf('icmp', { element: 'e', vantage: 'v' }, { sent, rtt_avg_ms: Math.random() * 100 }, sent),
    ),
  )
  while (spool.status().spool.inMemory > 0) await new Promise((resolve) => setTimeout(resolve, 2))
  process.stdout.write(`${from} ${from + perRound}\n`)
}
