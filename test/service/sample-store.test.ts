import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import { type Influxd, startInfluxd } from '../support/influxd.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { has } from '../support/requires.ts'
import { describeSampleStore } from '../support/sample-store-suite.ts'

const deps = () => ({ clock: new ManualClock(), log: createLogger('silent'), metrics: createMetrics() })
const closers: (() => Promise<void>)[] = []
const closeAll = async () => {
  for (const close of closers.splice(0).toReversed()) await close()
}

describeSampleStore(
  'the embedded',
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'faultline-samples-'))
    closers.push(() => rm(path, { recursive: true }))
    const store = createEmbeddedStore({ path }, deps())
    closers.push(store.close)
    return store
  },
  closeAll,
)

describeSampleStore(
  'the InfluxDB',
  async () => {
    const influxd: Influxd = await startInfluxd()
    closers.push(() => Promise.resolve(influxd[Symbol.asyncDispose]()))
    const store = createInfluxStore({ url: influxd.url, database: 'conformance' }, deps())
    closers.push(store.close)
    return store
  },
  closeAll,
  has('influxd'),
)
