import type { Sample } from '../../model/sample.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { LineEncoder } from '../line-encoder.ts'
import type { SampleQueue } from '../sample-queue.ts'
import type { SampleStore } from '../sample-store.ts'
import { Delivery } from './delivery.ts'
import { Intake } from './intake.ts'
import { Journal } from './journal.ts'
import { StoreWatch } from './store-watch.ts'
import { Wake } from './wake.ts'

export interface SpoolSettings {
  /** Folder of the segments, this spool's alone; made when missing. */
  readonly path: string
  /** Bytes on disk; beyond that the oldest segment is dropped. */
  readonly maxBytes: number
  /** Samples held in memory while the disk cannot be written; beyond that the oldest are dropped. */
  readonly maxSamples: number
  /** Length at which a segment is full; by default a sixteenth of the cap, 1 MiB to 16 MiB. */
  readonly segmentBytes?: number
  /** Longest time from arrival to disk, ms; default 1 s. */
  readonly flushMs?: number
}

interface SpoolDeps {
  readonly store: Pick<SampleStore, 'writeLines' | 'batch'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<
    Metrics,
    | 'samplesRefused'
    | 'storeQueue'
    | 'storeDropped'
    | 'storeWrites'
    | 'spoolBytes'
    | 'spoolSegments'
    | 'spoolMemory'
    | 'spoolDropped'
    | 'spoolDamaged'
    | 'spoolErrors'
    | 'spoolDiskFree'
  >
}

const mib = 2 ** 20
/** Rows that do not wait for the second to be over: some megabytes of lines. */
const flushRows = 10_000
const diskRetryMs = 5_000
const saveEveryMs = 1_000
const diskTrialMs = 5_000
/** Less than the two seconds that closing may take. */
const closeLimitMs = 1_500

/**
 * Keeps every sample on disk from a second after it came until a store has it. Two loops: one takes what has come to the
 * disk (encode, pack, append, sync), the other takes what is on disk to the store; neither holds up polling, since file
 * and store work is asynchronous throughout. Delivery is at least once: writing the same series and time again
 * overwrites. What a killed process loses is the last second; what it had delivered in its last second is sent again.
 */
export function createSpool(settings: SpoolSettings, deps: SpoolDeps): SampleQueue {
  const { path, maxBytes, maxSamples, flushMs = 1_000 } = settings
  const { clock, log, metrics } = deps
  const segmentBytes = settings.segmentBytes ?? Math.min(16 * mib, Math.max(mib, Math.ceil(maxBytes / 16)))
  const encoder = new LineEncoder((reason) => metrics.samplesRefused.inc({ reason }))
  const intake = new Intake(encoder, maxSamples)
  const journal = new Journal(
    { path, maxBytes, segmentBytes, maxRows: maxSamples },
    { intake, clock, log, metrics },
  )
  const watch = new StoreWatch(deps)
  const arrived = new Wake()
  const closing = new AbortController()
  const givingUp = new AbortController()
  let filled = new AbortController()
  let dropped = 0
  let overflowing = false

  let line: Promise<unknown> = Promise.resolve()
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const done = line.then(work)
    line = done.catch(() => {})
    return done
  }
  const delivery = new Delivery({
    ...deps,
    journal,
    intake,
    watch,
    exclusively,
    closing: closing.signal,
    givingUp: givingUp.signal,
  })

  const countDropped = (count: number, reason: 'memory' | 'closing') => {
    dropped += count
    metrics.spoolDropped.inc({ reason }, count)
  }

  const show = () => {
    metrics.spoolMemory.set(intake.rows)
    metrics.storeQueue.set(intake.rows + journal.status.waiting)
  }

  const offer = (samples: readonly Sample[]) => {
    if (closing.signal.aborted) return countDropped(samples.length, 'closing')
    const lost = intake.add(samples)
    if (lost > 0) {
      countDropped(lost, 'memory')
      if (!overflowing) log.error({ maxSamples }, 'memory for samples is full, dropping the oldest')
      overflowing = true
    }
    if (intake.rows > 0) arrived.call()
    if (intake.rows >= flushRows) filled.abort()
  }

  const flush = async () => {
    const written = await exclusively(() => journal.flush())
    if (written) overflowing = false
    delivery.noteFlush()
    show()
  }

  const keepOnDisk = async () => {
    let flushedAt = Number.NEGATIVE_INFINITY
    // What an earlier process left need not wait for new samples.
    await flush()
    while (!closing.signal.aborted) {
      if (journal.problem === undefined) {
        await arrived.wait()
        filled = new AbortController()
        // At once after a pause, so that what comes alone is not late.
        const restMs = flushMs - (performance.now() - flushedAt)
        if (intake.rows < flushRows && restMs > 0)
          await clock.sleep(restMs, AbortSignal.any([filled.signal, closing.signal]))
      } else {
        delivery.wake()
        await clock.sleep(diskRetryMs, closing.signal)
      }
      await flush()
      flushedAt = performance.now()
    }
  }

  const watchDisk = async () => {
    while (!closing.signal.aborted) {
      await exclusively(() => journal.tryDisk())
      await clock.sleep(diskTrialMs, closing.signal)
    }
  }

  const keepRecord = async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(saveEveryMs, closing.signal)
      await journal.save()
      show()
    }
  }

  const loops = [keepOnDisk(), delivery.run(), keepRecord(), watchDisk()]

  const finish = async () => {
    closing.abort()
    arrived.call()
    delivery.wake()
    const finished = new AbortController()
    const limit = clock.sleep(closeLimitMs, finished.signal).then(() => givingUp.abort())
    await Promise.race([Promise.all(loops).then(() => delivery.finish()), limit])
    finished.abort()
    givingUp.abort()
    await Promise.all(loops)
    await journal.close()
    show()
    if (intake.rows === 0) return
    countDropped(intake.rows, 'closing')
    log.warn({ samples: intake.rows }, 'samples were lost because neither disk nor store took them')
  }
  let closed: Promise<void> | undefined

  return {
    offer,
    status: () => {
      const { refused, ...store } = watch.status
      const { waiting, dropped: lost, ...disk } = journal.status
      const { problem } = journal
      return {
        ...store,
        queued: intake.rows + waiting,
        droppedTotal: dropped + lost + refused,
        fillRatio: Math.max(disk.bytes / maxBytes, problem === undefined ? 0 : intake.rows / maxSamples),
        ...(problem === undefined ? {} : { diskProblem: problem }),
        spool: { ...disk, inMemory: intake.rows },
      }
    },
    close: () => {
      closed ??= finish()
      return closed
    },
  }
}
