import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { SampleStore } from '../sample-store.ts'
import { checkQuery } from '../series-query.ts'
import { createRowEncoder } from './row-encoder.ts'
import { firstDayKept } from './sample-file.ts'
import { unavailable, WorkerClient } from './worker-client.ts'

export interface EmbeddedSettings {
  /** Folder of the sample file `samples.sqlite`; made when missing. */
  readonly path: string
  /** UTC days that samples are kept, today apart; default 30. */
  readonly retentionDays?: number
}

interface EmbeddedStoreDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'samplesRefused'>
}

/** Less than the two seconds that closing may take. What SQLite has not folded into its file is read from its log. */
const closeLimitMs = 1_500

/**
 * Samples in an SQLite file of our own, in a thread of its own: for the demo, first steps and small sites. Opened at the
 * first write or query; a damaged file is put aside with an error in the log and never stops the daemon.
 */
export function createEmbeddedStore(
  { path, retentionDays = 30 }: EmbeddedSettings,
  { clock, log, metrics }: EmbeddedStoreDeps,
): SampleStore {
  const encoder = createRowEncoder((reason) => metrics.samplesRefused.inc({ reason }))
  const file = join(path, 'samples.sqlite')
  const worker = new WorkerClient({ file }, { log, onStart: () => encoder.introduceAllAgain() })
  let closed: Promise<void> | undefined

  const open = (): WorkerClient => {
    if (closed !== undefined) throw unavailable('it is closed')
    return worker
  }

  return {
    kind: 'embedded',
    write: async (batch, signal) => {
      let refused = 0
      await open().ask(() => {
        const encoded = encoder.encode(batch, firstDayKept(clock.now(), retentionDays))
        refused = encoded.refused
        return { kind: 'write', batch: encoded.rows }
      }, signal)
      const written = batch.length - refused
      return refused === 0 ? { written, refused } : { written, refused, reason: 'no storable value' }
    },
    query: async (query, signal) => {
      const checked = checkQuery(query)
      return open().ask(() => ({ kind: 'query', query: checked }), signal)
    },
    ping: async (signal) => {
      await open().ask(() => ({ kind: 'ping' }), signal)
    },
    close: () => {
      closed ??= worker.close(AbortSignal.timeout(closeLimitMs))
      return closed
    },
  }
}
