import type { Columns } from '../model/columns.ts'
import type { FieldOf, Measurement } from '../model/measurements.ts'
import type { Sample } from '../model/sample.ts'
import type { EncodedLines } from './encoded-lines.ts'

export type Aggregate = 'mean' | 'max' | 'p95'

/**
 * Which series at which times: `tags` narrows to a value, or to any of some, and may leave tags out. Times are UTC epoch
 * ms, `to` exclusive.
 */
interface Selection<M extends Measurement> {
  readonly measurement: M
  readonly tags: Readonly<Record<string, string | readonly string[]>>
  readonly from: number
  readonly to: number
}

/** One field of these. */
export interface SeriesQuery<M extends Measurement = Measurement> extends Selection<M> {
  readonly field: FieldOf<M>
  /** Width of a bucket in ms and what is made of its values; absent: raw values. */
  readonly step?: number
  readonly aggregate?: Aggregate
  /** Most points to return over all series; more is an error (REQUEST_INVALID), never a silent cut. */
  readonly limit: number
}

/** A bucket without values is absent: a gap is a gap. */
export interface Series {
  readonly tags: Readonly<Record<string, string>>
  readonly points: readonly (readonly [at: number, value: number])[]
}

/** Several fields of these at once. */
export interface ColumnsQuery<M extends Measurement = Measurement, F extends FieldOf<M> = FieldOf<M>>
  extends Selection<M> {
  /** The first is one that nearly every row has. */
  readonly fields: readonly F[]
  /** Most rows to return over all series; more is an error (REQUEST_INVALID), never a silent cut. */
  readonly limit: number
}

/** Why a batch was not taken: `retry` says whether the same batch may be offered again. */
export interface WriteResult {
  readonly written: number
  /** Samples that the store refused for good, with the reason in its own words. */
  readonly refused: number
  readonly reason?: string
}

/** Keeps samples. Writing the same series and time again overwrites, so a retry is harmless. */
export interface SampleStore {
  readonly kind: 'embedded' | 'influxdb'
  /** A good size of a write: rows beyond which each costs hardly less, and ms that others may be made to wait. */
  readonly batch?: { readonly rows: number; readonly ms: number }
  /**
   * Makes and checks what the first write needs, so that it need not be waited for then. Resolves with what is not as
   * configured in a store that works, in words.
   * @throws FaultlineError STORE_UNAVAILABLE when it is away, STORE_REJECTED when its administrator has to act.
   */
  prepare(signal: AbortSignal): Promise<string | undefined>
  /**
   * Takes lines as they lie in the spool.
   * @throws FaultlineError STORE_UNAVAILABLE when nothing was decided and the lines should be offered again.
   */
  writeLines(lines: EncodedLines, signal: AbortSignal): Promise<WriteResult>
  /** Samples past the spool, encoded here. @throws as `writeLines` does. */
  write(batch: readonly Sample[], signal: AbortSignal): Promise<WriteResult>
  /** @throws FaultlineError REQUEST_INVALID for what the table of measurements lacks, and for too many points. */
  query(query: SeriesQuery, signal: AbortSignal): Promise<readonly Series[]>
  /** The same for rows: one reading of the store, however many fields and series. @throws as `query` does. */
  columns<M extends Measurement, F extends FieldOf<M>>(
    query: ColumnsQuery<M, F>,
    signal: AbortSignal,
  ): Promise<Columns<F>>
  /** @throws FaultlineError STORE_UNAVAILABLE when it does not answer. */
  ping(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
