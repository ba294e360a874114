import type { FieldValue } from '../model/sample.ts'
import type { FieldKind } from './measurement-fields.ts'

/** Why a value, or a whole sample, can be kept by no store. The closed list is a metric's label. */
export type RefusalReason =
  | 'unknown-measurement'
  | 'unknown-tag'
  | 'missing-tag'
  | 'empty-tag'
  | 'long-tag'
  | 'unknown-field'
  | 'not-finite'
  | 'not-an-integer'
  | 'out-of-range'
  | 'wrong-type'
  | 'bad-time'
  | 'too-old'
  | 'no-fields'

/** InfluxDB keeps nanoseconds in a signed 64-bit integer, which ends in the year 2262. */
const latestTime = 9_223_372_036_854
const int64 = 2n ** 63n

export const isStorableTime = (at: number): boolean => Number.isSafeInteger(at) && at >= 0 && at < latestTime

/** Why this value cannot stand in a field of that kind; undefined when it can. Nothing is rounded or wrapped. */
export function refusalOf(kind: FieldKind, value: FieldValue): RefusalReason | undefined {
  switch (typeof value) {
    case 'number':
      if (kind === 'string') return 'wrong-type'
      if (!Number.isFinite(value)) return 'not-finite'
      if (kind !== 'integer' || Number.isSafeInteger(value)) return undefined
      if (!Number.isInteger(value)) return 'not-an-integer'
      return Math.abs(value) < 2 ** 63 ? undefined : 'out-of-range'
    case 'bigint':
      if (kind !== 'integer') return 'wrong-type'
      return value >= -int64 && value < int64 ? undefined : 'out-of-range'
    case 'string':
      return kind === 'string' ? undefined : 'wrong-type'
    default:
      return 'wrong-type'
  }
}
