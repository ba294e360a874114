import type { Measurement } from '../../model/measurements.ts'
import type { ErrorCode } from '../../platform/errors.ts'
import type { Series } from '../sample-store.ts'
import type { CheckedQuery } from '../series-query.ts'

/** What the main thread and the thread of the embedded store say to each other. Plain data, since it is copied. */
export type WorkerRequest = { readonly id: number } & WorkerTask

export type WorkerTask =
  | { readonly kind: 'write'; readonly batch: RowBatch }
  | { readonly kind: 'query'; readonly query: CheckedQuery }
  | { readonly kind: 'ping' }
  | { readonly kind: 'close' }

export type WorkerReply =
  | { readonly id: number; readonly ok: true; readonly series: readonly Series[] }
  | {
      readonly id: number
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }
  /** A damaged file was put away and a new one begun. */
  | { readonly setAside: string; readonly reason: string }

export interface WorkerSettings {
  readonly file: string
}

export type StoredValue = number | bigint | string | null

/** A series by the number that the main thread gave it; each is introduced once to each worker. */
export interface NewSeries {
  readonly number: number
  readonly measurement: Measurement
  /** JSON object, keys in alphabetical order: the same text for the same series. */
  readonly tags: string
}

export interface RowBatch {
  readonly newSeries: readonly NewSeries[]
  /** By measurement: rows one after another, each `series number, time, value of each field in the table's order`. */
  readonly rows: readonly { readonly measurement: Measurement; readonly values: readonly StoredValue[] }[]
  /** UTC day number; days before it are dropped. */
  readonly keepFromDay: number
}

export const dayMs = 86_400_000
export const dayOf = (at: number): number => Math.floor(at / dayMs)
