import type { Measurement } from '../../model/measurements.ts'
import type { FieldValue, Sample } from '../../model/sample.ts'
import { allFields, type FieldKind } from '../measurement-fields.ts'
import { isStorableTime, type RefusalReason, refusalOf } from '../refusal.ts'
import { RefusedSeries, SeriesCache } from '../series-cache.ts'
import { fieldText } from '../tag-text.ts'
import { dayOf, type NewSeries, type RowBatch, type StoredValue } from './worker-messages.ts'

interface EncodedRows {
  readonly rows: RowBatch
  readonly refused: number
}

/** Samples to rows for the thread, by the same rules as line protocol, so that both stores refuse the same. */
export function createRowEncoder(onRefused: (reason: RefusalReason) => void) {
  let lastNumber = 0
  let newSeries: NewSeries[] = []
  const numbers = new SeriesCache(({ measurement, tags }) => {
    newSeries.push({ number: ++lastNumber, measurement, tags: JSON.stringify(Object.fromEntries(tags)) })
    return lastNumber
  })
  const kinds = allFields()

  /** Appends the row of a sample; false when nothing of it can be kept. */
  const append = (sample: Sample, keepFromDay: number, to: Map<Measurement, StoredValue[]>): boolean => {
    const refuse = (reason: RefusalReason): false => {
      onRefused(reason)
      return false
    }
    const number = numbers.of(sample)
    if (number instanceof RefusedSeries) return refuse(number.reason)
    if (!isStorableTime(sample.at)) return refuse('bad-time')
    if (dayOf(sample.at) < keepFromDay) return refuse('too-old')
    const fields = kinds.get(sample.measurement) ?? new Map()
    for (const name in sample.fields) if (!fields.has(name)) refuse('unknown-field')
    const rows = to.get(sample.measurement) ?? []
    to.set(sample.measurement, rows)
    const start = rows.length
    rows.push(number, sample.at)
    let kept = 0
    for (const [name, kind] of fields) {
      const value = storedValue(kind, sample.fields[name], refuse)
      if (value !== null) kept++
      rows.push(value)
    }
    if (kept > 0) return true
    rows.length = start
    return refuse('no-fields')
  }

  return {
    encode(batch: readonly Sample[], keepFromDay: number): EncodedRows {
      const byMeasurement = new Map<Measurement, StoredValue[]>()
      let kept = 0
      for (const sample of batch) if (append(sample, keepFromDay, byMeasurement)) kept++
      const rows = [...byMeasurement].map(([measurement, values]) => ({ measurement, values }))
      const introduced = newSeries
      newSeries = []
      return { rows: { newSeries: introduced, rows, keepFromDay }, refused: batch.length - kept }
    },
    /** For a thread that was told nothing yet. */
    introduceAllAgain(): void {
      numbers.forget()
      newSeries = []
    },
  }
}

function storedValue(
  kind: FieldKind,
  value: FieldValue | undefined,
  refuse: (reason: RefusalReason) => false,
): StoredValue {
  if (value === undefined) return null
  const reason = refusalOf(kind, value)
  if (reason !== undefined) {
    refuse(reason)
    return null
  }
  if (typeof value === 'string') return fieldText(value)
  // Beyond 2^53 node:sqlite would bind a number as REAL, and the column would keep it so.
  return kind === 'integer' && typeof value === 'number' && !Number.isSafeInteger(value)
    ? BigInt(value)
    : value
}
