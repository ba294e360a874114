import type { Sample } from '../model/sample.ts'

export interface SampleQueueStatus {
  /** Samples that no store has taken yet. */
  readonly queued: number
  /** Lost since the start: dropped to make room, damaged on disk, or refused by the store. */
  readonly dropped: number
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
  /** Why the disk cannot be written; absent when it can. */
  readonly problem?: string
}

/** Stands between the pipeline, which may not wait, and a store, which may be away. */
export interface SampleQueue {
  /** Never waits and never throws. */
  offer(samples: readonly Sample[]): void
  status(): SampleQueueStatus
  /** Puts everything on disk, and delivers what it can in a second and a half; the rest waits for the next start. */
  close(): Promise<void>
}
