import type { Sample } from '../model/sample.ts'
import type { Clock } from '../platform/clock.ts'
import { errorCodes, FaultlineError, messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { SampleBuffer } from './sample-buffer.ts'
import type { SampleStore, WriteResult } from './sample-store.ts'

interface SampleQueueDeps {
  readonly store: Pick<SampleStore, 'write'>
  /** Samples held in memory; beyond that the oldest are dropped and counted. */
  readonly maxSamples: number
  /** Samples a write at most. */
  readonly batchSize: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'storeQueue' | 'storeDropped' | 'storeWrites'>
}

export interface SampleQueueStatus {
  readonly queued: number
  /** Dropped since the start because the queue was full or closed, or refused by the store. */
  readonly dropped: number
  readonly lastWriteAt?: number
  readonly lastError?: string
  /** The last write was taken, or there was none yet. */
  readonly healthy: boolean
}

/** Stands between the pipeline, which may not wait, and a store, which may be away. */
export interface SampleQueue {
  /** Never waits and never throws. */
  offer(samples: readonly Sample[]): void
  status(): SampleQueueStatus
  /** Writes what is left, unless the store is away or needs longer than the limit; what is lost then is counted. */
  close(): Promise<void>
}

/** A small batch waits this long for more. */
const lingerMs = 1_000
const firstBackOffMs = 500
const mostBackOffMs = 30_000
/** Less than the two seconds that closing may take. */
const closeLimitMs = 1_500

/**
 * States: collecting (fewer than a batch, at most a second) → writing → collecting, or → backing off, longer each time,
 * while the store is away. A batch leaves the queue when the store has decided on it, so it may be sent twice, which a
 * store must bear; the oldest may be dropped even while they are being sent.
 */
export function createSampleQueue(deps: SampleQueueDeps): SampleQueue {
  const { store, maxSamples, batchSize, clock, log, metrics } = deps
  const buffer = new SampleBuffer()
  const closing = new AbortController()
  const givingUp = new AbortController()
  let arrival = Promise.withResolvers<void>()
  let filled = new AbortController()
  /** One log line an episode: it ends when the queue has emptied by half, the store is back, a write is clean. */
  let overflowing = false
  let awaySince: number | undefined
  let refusing = false
  let failures = 0
  let dropped = 0
  let lastWriteAt: number | undefined
  let lastError: string | undefined
  let healthy = true

  const countDropped = (count: number, reason: 'full' | 'refused' | 'closing') => {
    dropped += count
    metrics.storeDropped.inc({ reason }, count)
  }

  const offer = (samples: readonly Sample[]) => {
    if (closing.signal.aborted) return countDropped(samples.length, 'closing')
    buffer.append(samples)
    if (buffer.length > maxSamples) {
      countDropped(buffer.removeOldest(buffer.length - maxSamples), 'full')
      if (!overflowing) log.error({ maxSamples }, 'sample queue is full, dropping the oldest')
      overflowing = true
    }
    metrics.storeQueue.set(buffer.length)
    if (buffer.length > 0) arrival.resolve()
    if (buffer.length >= batchSize) filled.abort()
  }

  const collect = async () => {
    if (buffer.length === 0 && !closing.signal.aborted) {
      arrival = Promise.withResolvers()
      await arrival.promise
    }
    if (buffer.length < batchSize && !closing.signal.aborted) {
      filled = new AbortController()
      await clock.sleep(lingerMs, filled.signal)
    }
  }

  const accept = ({ written, refused, reason }: WriteResult) => {
    healthy = written > 0 || refused === 0
    failures = 0
    metrics.storeWrites.inc({ outcome: healthy ? 'written' : 'refused' })
    if (healthy) lastWriteAt = clock.now()
    if (awaySince !== undefined) log.info({ durationMs: clock.now() - awaySince }, 'sample store is back')
    awaySince = undefined
    if (refused > 0) {
      countDropped(refused, 'refused')
      lastError = reason ?? 'refused'
      if (!refusing) log.error({ refused, reason: lastError }, 'sample store refuses samples')
    }
    refusing = refused > 0
  }

  const backOff = async (error: unknown) => {
    healthy = false
    lastError = messageOf(error)
    metrics.storeWrites.inc({ outcome: 'unavailable' })
    if (awaySince === undefined) log.warn({ err: error }, 'sample store is away, keeping samples')
    awaySince ??= clock.now()
    // Half of it by chance, so that many daemons do not come back at the same moment.
    const ms = Math.min(mostBackOffMs, firstBackOffMs * 2 ** failures++) * (0.5 + Math.random() / 2)
    await clock.sleep(Math.max(ms, toldToWait(error)), closing.signal)
  }

  /** False when the store is away. */
  const write = async (): Promise<boolean> => {
    const { samples, end } = buffer.oldest(batchSize)
    try {
      accept(await store.write(samples, givingUp.signal))
    } catch (error) {
      if (!isFinal(error)) {
        await backOff(error)
        return false
      }
      accept({ written: 0, refused: samples.length, reason: messageOf(error) })
    }
    buffer.removeUntil(end)
    metrics.storeQueue.set(buffer.length)
    if (buffer.length <= maxSamples / 2) overflowing = false
    return true
  }

  const run = async () => {
    while (!closing.signal.aborted) {
      await collect()
      if (buffer.length > 0) await write()
    }
    while (buffer.length > 0 && !givingUp.signal.aborted && (await write()));
  }
  const running = run()
  let closed: Promise<void> | undefined

  const finish = async () => {
    closing.abort()
    arrival.resolve()
    filled.abort()
    const finished = new AbortController()
    await Promise.race([running, clock.sleep(closeLimitMs, finished.signal)])
    finished.abort()
    givingUp.abort()
    const lost = buffer.removeOldest(buffer.length)
    if (lost === 0) return
    countDropped(lost, 'closing')
    metrics.storeQueue.set(0)
    log.warn({ samples: lost }, 'samples were lost because the sample store is away')
  }

  return {
    offer,
    status: () => ({
      queued: buffer.length,
      dropped,
      ...(lastWriteAt === undefined ? {} : { lastWriteAt }),
      ...(lastError === undefined ? {} : { lastError }),
      healthy,
    }),
    close: () => {
      closed ??= finish()
      return closed
    },
  }
}

/** Offering the same batch again would end the same way. */
const isFinal = (error: unknown): boolean => error instanceof FaultlineError && !errorCodes[error.code].retry

function toldToWait(error: unknown): number {
  const ms = error instanceof FaultlineError ? error.details.retryAfterMs : undefined
  return typeof ms === 'number' ? ms : 0
}
