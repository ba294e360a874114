import type { Sample } from '../model/sample.ts'

/** What tells whether samples are safe: enough to raise an alarm about, and cheap to ask for every second. */
export interface SampleQueueHealth {
  /** How full it is, 0..1: bytes on disk of the cap; while the disk cannot be written, samples in memory of theirs. */
  readonly fillRatio: number
  /** Lost since the start: dropped to make room, damaged or removed on disk, or refused by the store. Never falls. */
  readonly droppedTotal: number
  /** Why the disk cannot be written; absent when it can. Found by the next write, and by a trial every five seconds. */
  readonly diskProblem?: string
  /** Since when the store has taken nothing, UTC epoch ms; absent while it takes what it is given. */
  readonly storeAwaySince?: number
}

export interface SampleQueueStatus extends SampleQueueHealth {
  /** Samples that no store has taken yet. */
  readonly queued: number
  readonly lastWriteAt?: number
  readonly lastError?: string
  /** The last write was taken, or there was none yet. */
  readonly healthy: boolean
  readonly spool: SpoolStatus
}

export interface SpoolStatus {
  readonly bytes: number
  readonly maxBytes: number
  readonly segments: number
  /** Samples that are not on disk: of the last second, or all that came since the disk cannot be written. */
  readonly inMemory: number
  /** The oldest are being dropped, since the cap or the disk is full. */
  readonly dropping: boolean
  /** Places in segments that could not be read, since the start. */
  readonly damaged: number
  /** What befell its files in the last ten minutes: damaged, or taken away while in use; absent: nothing. */
  readonly fault?: string
  /** Room on the disk for us, bytes, as looked at every five seconds; absent where it is not known. */
  readonly freeBytes?: number
}

/** Stands between the pipeline, which may not wait, and a store, which may be away. */
export interface SampleQueue {
  /** Never waits and never throws. */
  offer(samples: readonly Sample[]): void
  status(): SampleQueueStatus
  /** Puts everything on disk, and delivers what it can in a second and a half; the rest waits for the next start. */
  close(): Promise<void>
}
