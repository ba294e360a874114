import type { Columns } from '../../model/columns.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { EncodedLines } from '../encoded-lines.ts'
import type { SampleStore, WriteResult } from '../sample-store.ts'
import { checkColumns, checkQuery } from '../series-query.ts'
import { batchWriter } from '../write-batch.ts'
import { firstDayKept } from './sample-file.ts'
import { sampleFileIn } from './sample-file-name.ts'
import { unavailable, WorkerClient } from './worker-client.ts'
import { dayOf, type PackedColumns } from './worker-messages.ts'

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
 * Samples in an SQLite file of our own, in a thread of its own: for the demo, first steps and small sites. Opened by
 * `prepare`, or else the first write or query; a damaged file is put aside with an error in the log and never stops the daemon.
 */
export function createEmbeddedStore(
  { path, retentionDays = 30 }: EmbeddedSettings,
  { clock, log, metrics }: EmbeddedStoreDeps,
): SampleStore {
  const worker = new WorkerClient({ file: sampleFileIn(path) }, log)
  let closed: Promise<void> | undefined

  const open = (): WorkerClient => {
    if (closed !== undefined) throw unavailable('it is closed')
    return worker
  }

  const writeLines = async ({ bytes, rows }: EncodedLines, signal: AbortSignal): Promise<WriteResult> => {
    // A copy of its own, which can be handed over; the lines may be part of something larger.
    const lines = new Uint8Array(bytes)
    const now = clock.now()
    const task = {
      kind: 'write',
      lines,
      keepFromDay: firstDayKept(now, retentionDays),
      today: dayOf(now),
    } as const
    const { written } = await open().ask(task, signal, [lines.buffer])
    if (written.tooOld > 0) metrics.samplesRefused.inc({ reason: 'too-old' }, written.tooOld)
    const refused = rows - written.kept
    if (refused === 0) return { written: rows, refused }
    const reason = written.malformed > 0 ? 'not line protocol' : 'older than the retention'
    return { written: written.kept, refused, reason }
  }

  return {
    kind: 'embedded',
    prepare: async (signal) => {
      await open().ask({ kind: 'ping' }, signal)
      return undefined
    },
    writeLines,
    write: batchWriter(writeLines, metrics),
    query: async (query, signal) => {
      const checked = checkQuery(query)
      return (await open().ask({ kind: 'query', query: checked }, signal)).series
    },
    columns: async (query, signal) => {
      const checked = checkColumns(query)
      return unpacked((await open().ask({ kind: 'columns', query: checked }, signal)).columns)
    },
    ping: async (signal) => {
      await open().ask({ kind: 'ping' }, signal)
    },
    close: () => {
      closed ??= worker.close(AbortSignal.timeout(closeLimitMs))
      return closed
    },
  }
}

function unpacked({ tags, ends, at, values }: PackedColumns): Columns {
  const all: readonly Readonly<Record<string, string>>[] = JSON.parse(tags)
  const series = all.map((own, i) => ({ tags: own, start: ends[i - 1] ?? 0, end: ends[i] ?? 0 }))
  return { series, at, values }
}
