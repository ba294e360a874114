import type { ErrorCode } from '../../platform/errors.ts'
import type { Series } from '../sample-store.ts'
import type { CheckedColumns, CheckedQuery } from '../series-query.ts'

/** What the main thread and the thread of the embedded store say to each other. Plain data, since it is copied. */
export type WorkerRequest = { readonly id: number } & WorkerTask

export type WorkerTask =
  /** UTC day numbers; days before `keepFromDay` are dropped, and lines of them refused. */
  | {
      readonly kind: 'write'
      readonly lines: Uint8Array
      readonly keepFromDay: number
      readonly today: number
    }
  | { readonly kind: 'query'; readonly query: CheckedQuery }
  | { readonly kind: 'columns'; readonly query: CheckedColumns }
  | { readonly kind: 'ping' }
  | { readonly kind: 'close' }

export type WorkerReply =
  | { readonly id: number; readonly ok: true; readonly answer: WorkerAnswer }
  | {
      readonly id: number
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }
  /** A damaged file was put away and a new one begun. */
  | { readonly setAside: string; readonly reason: string }
  /** A day that is over could not be written anew; it is tried again tomorrow. */
  | { readonly untidy: string }

export interface WorkerSettings {
  readonly file: string
}

export type StoredValue = number | bigint | string | null

/** What a task gives: series or columns to a query, a count to a write, else nothing of these. */
export interface WorkerAnswer {
  readonly series: readonly Series[]
  readonly columns: PackedColumns
  readonly written: { readonly kept: number; readonly tooOld: number; readonly malformed: number }
}

/** Columns on their way between threads: a text and numbers cross faster than thousands of small objects. */
export interface PackedColumns {
  /** JSON: a list of tags, one each series. */
  readonly tags: string
  /** Where the rows of each series end and those of the next begin. */
  readonly ends: Uint32Array<ArrayBuffer>
  readonly at: Float64Array<ArrayBuffer>
  readonly values: Readonly<Record<string, Float64Array<ArrayBuffer>>>
}

export const dayMs = 86_400_000
export const dayOf = (at: number): number => Math.floor(at / dayMs)
