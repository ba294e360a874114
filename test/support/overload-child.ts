import { writeFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createSpool } from '../../src/store/spool/spool.ts'

/**
 * A process that is given ten times the normal load of 5,000 rows a second for a while, or as much more as it can take,
 * while its store is away. Prints one line of JSON for each second of that load. Its arguments: folder, `disk` or
 * `no-disk`, seconds.
 */
const [folder = '', disk = 'disk', seconds = '30'] = process.argv.slice(2)
const rowsASecond = 10 * 5_000
const rowsAtOnce = 1_000
if (disk === 'no-disk') writeFileSync(`${folder}/in-the-way`, '')
const said: string[] = []
const log = createLogger('info', { write: (line: string) => said.push(JSON.parse(line).msg) })
const metrics = createMetrics()
const spool = createSpool(
  {
    path: disk === 'no-disk' ? `${folder}/in-the-way/spool` : `${folder}/spool`,
    maxBytes: 8 * 2 ** 20,
    maxSamples: 50_000,
    flushMs: 100,
  },
  {
    store: { writeLines: () => Promise.reject(new FaultlineError('STORE_UNAVAILABLE', 'away')) },
    clock: systemClock,
    log,
    metrics,
  },
)
let offered = 0
const batch = (): Sample[] =>
  Array.from({ length: rowsAtOnce }, (_, i) =>
    sampleOf(
      'interface',
      { element: `e${i % 100}`, interface: `port ${i}` },
      {
        in_bps: Math.floor(Math.random() * 1e9),
        out_bps: Math.floor(Math.random() * 1e9),
        in_pps: Math.random() * 1e5,
      },
      offered + i,
    ),
  )
for (let second = 0; second < Number(seconds); second++) {
  for (let i = 0; i < rowsASecond; i += rowsAtOnce) {
    spool.offer(batch())
    offered += rowsAtOnce
    await setImmediate()
  }
  globalThis.gc?.()
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  const { queued, droppedTotal, fillRatio, spool: held } = spool.status()
  const counted = (await metrics.spoolDropped.get()).values.reduce((sum, { value }) => sum + value, 0)
  const told = { offered, queued, droppedTotal, counted, fillRatio, inMemory: held.inMemory, said }
  process.stdout.write(`${JSON.stringify({ ...told, rss, used: heapUsed + arrayBuffers })}\n`)
}
await spool.close()
