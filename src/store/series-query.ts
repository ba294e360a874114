import { type Measurement, measurements } from '../model/measurements.ts'
import { FaultlineError } from '../platform/errors.ts'
import { type FieldKind, fieldsOf } from './measurement-fields.ts'
import { isStorableTime } from './refusal.ts'
import type { Aggregate, SeriesQuery } from './sample-store.ts'
import { tagText } from './tag-text.ts'

/** A query that was checked against the table of measurements, so that its names may stand in a statement. */
export interface CheckedQuery {
  readonly measurement: Measurement
  readonly field: string
  readonly kind: FieldKind
  /** All tags of the measurement, in the table's order, and the values asked for. */
  readonly tagNames: readonly string[]
  readonly tags: readonly (readonly [name: string, value: string])[]
  readonly from: number
  readonly to: number
  /** Absent: raw values. */
  readonly buckets?: { readonly step: number; readonly aggregate: Aggregate }
  readonly limit: number
}

const invalid = (problem: string, details: Readonly<Record<string, unknown>> = {}) =>
  new FaultlineError('REQUEST_INVALID', problem, details)

/** @throws FaultlineError REQUEST_INVALID for a name that the table lacks, a text field, or a range without sense. */
export function checkQuery(query: SeriesQuery): CheckedQuery {
  const { measurement, field, from, to, step, aggregate, limit } = query
  const definition = Object.hasOwn(measurements, measurement) ? measurements[measurement] : undefined
  if (definition === undefined) throw invalid('there is no such measurement', { measurement })
  const kind = fieldsOf(measurement).get(field)
  if (kind === undefined) throw invalid('there is no such field', { measurement, field })
  if (kind === 'string') throw invalid('a text field has no values to draw', { measurement, field })
  const tagNames: readonly string[] = definition.tags
  for (const name of Object.keys(query.tags))
    if (!tagNames.includes(name)) throw invalid('there is no such tag', { measurement, tag: name })
  if (!isStorableTime(from) || !isStorableTime(to) || from >= to)
    throw invalid('the range of time is empty or not in whole milliseconds', { from, to })
  if (!Number.isSafeInteger(limit) || limit < 1) throw invalid('the limit must be 1 or more', { limit })
  if (step !== undefined && (!Number.isSafeInteger(step) || step < 1))
    throw invalid('the step must be a whole number of milliseconds', { step })
  if (step === undefined && aggregate !== undefined) throw invalid('an aggregate needs a step')
  return {
    measurement,
    field,
    kind,
    tagNames,
    tags: Object.entries(query.tags).map(([name, value]) => [name, tagText(value)] as const),
    from,
    to,
    ...(step === undefined ? {} : { buckets: { step, aggregate: aggregate ?? 'mean' } }),
    limit,
  }
}

export const tooManyPoints = (limit: number): FaultlineError =>
  invalid('the answer has more points than asked for; shorten the range or widen the step', { limit })
