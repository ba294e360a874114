import { FaultlineError } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { EncodedLines } from '../encoded-lines.ts'
import type { SampleStore } from '../sample-store.ts'
import { batchWriter } from '../write-batch.ts'
import { createInfluxClient } from './influx-client.ts'
import { createInfluxDatabase } from './influx-database.ts'
import { createInfluxHttp } from './influx-http.ts'
import { createInfluxReader } from './influx-reader.ts'
import type { InfluxSettings } from './influx-settings.ts'
import { createLineWriter } from './line-writer.ts'
import { errorText } from './partial-write.ts'

interface InfluxStoreDeps {
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'samplesRefused'>
}

/**
 * A row of a write of 5,000 costs the server half as much again as one of 30,000, and 80,000 rows are hardly cheaper.
 * Writes that run beside each other do not wait for each other.
 */
const batch = { rows: 32_000, ms: 1_000 }

/**
 * Samples in InfluxDB 1.x. Nothing is asked of the server before `prepare` and the first write or query, so it may be away
 * when we start. Names and passwords never reach a log.
 */
export function createInfluxStore(settings: InfluxSettings, { log, metrics }: InfluxStoreDeps): SampleStore {
  const http = createInfluxHttp(settings)
  const client = createInfluxClient(settings)
  const database = createInfluxDatabase(settings, { client, http, log })
  const write = createLineWriter({ http, database: settings.database, createDatabase: database.createAgain })
  const reader = createInfluxReader(client)
  const closing = new AbortController()
  const until = (signal: AbortSignal) => AbortSignal.any([signal, closing.signal])

  const writeLines = async (lines: EncodedLines, signal: AbortSignal) => {
    if (lines.rows > 0) await database.ready(until(signal))
    return write(lines, until(signal))
  }

  return {
    kind: 'influxdb',
    batch,
    prepare: (signal) => database.prepare(until(signal)),
    writeLines,
    write: batchWriter(writeLines, metrics),
    query: (query, signal) => reader.query(query, until(signal)),
    columns: (query, signal) => reader.columns(query, until(signal)),
    ping: async (signal) => {
      const { status, body } = await http.send({ method: 'GET', path: 'ping' }, until(signal))
      if (status !== 204 && status !== 200)
        throw new FaultlineError('STORE_UNAVAILABLE', `InfluxDB: HTTP ${status}: ${errorText(body)}`)
    },
    close: () => {
      closing.abort()
      http.close()
      client.close()
      return Promise.resolve()
    },
  }
}
