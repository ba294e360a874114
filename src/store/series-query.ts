import { type Measurement, measurements } from '../model/measurements.ts'
import { FaultlineError } from '../platform/errors.ts'
import { type FieldKind, fieldsOf } from './measurement-fields.ts'
import { isStorableTime } from './refusal.ts'
import type { Aggregate, ColumnsQuery, SeriesQuery } from './sample-store.ts'
import { tagText } from './tag-text.ts'

/** Series that were checked against the table of measurements, so that their names may stand in a statement. */
interface CheckedSelection {
  readonly measurement: Measurement
  /** All tags of the measurement, in the table's order, and the values asked for, one or more of each. */
  readonly tagNames: readonly string[]
  readonly tags: readonly (readonly [name: string, values: readonly string[]])[]
  readonly from: number
  readonly to: number
  readonly limit: number
}

interface CheckedField {
  readonly field: string
  readonly kind: FieldKind
}

export interface CheckedQuery extends CheckedSelection, CheckedField {
  /** Absent: raw values. */
  readonly buckets?: { readonly step: number; readonly aggregate: Aggregate }
}

export interface CheckedColumns extends CheckedSelection {
  readonly fields: readonly CheckedField[]
}

/** More is a list that nobody made by hand, and a statement that no store likes. */
const mostTagValues = 1_000

const invalid = (problem: string, details: Readonly<Record<string, unknown>> = {}) =>
  new FaultlineError('REQUEST_INVALID', problem, details)

/** @throws FaultlineError REQUEST_INVALID for a name that the table lacks, a text field, or a range without sense. */
export function checkQuery(query: SeriesQuery): CheckedQuery {
  const { field, step, aggregate } = query
  const selection = checkSelection(query)
  const checked = { ...selection, ...checkField(selection.measurement, field) }
  if (step !== undefined && (!Number.isSafeInteger(step) || step < 1))
    throw invalid('the step must be a whole number of milliseconds', { step })
  if (step === undefined && aggregate !== undefined) throw invalid('an aggregate needs a step')
  return step === undefined ? checked : { ...checked, buckets: { step, aggregate: aggregate ?? 'mean' } }
}

/** @throws FaultlineError REQUEST_INVALID as `checkQuery` does, and for no fields. */
export function checkColumns(query: ColumnsQuery): CheckedColumns {
  const selection = checkSelection(query)
  if (query.fields.length === 0) throw invalid('no field is asked for')
  return { ...selection, fields: query.fields.map((field) => checkField(selection.measurement, field)) }
}

function checkSelection(
  query: Pick<SeriesQuery, 'measurement' | 'tags' | 'from' | 'to' | 'limit'>,
): CheckedSelection {
  const { measurement, from, to, limit } = query
  const definition = Object.hasOwn(measurements, measurement) ? measurements[measurement] : undefined
  if (definition === undefined) throw invalid('there is no such measurement', { measurement })
  const tagNames: readonly string[] = definition.tags
  const tags = Object.entries(query.tags).map(([name, asked]) => {
    if (!tagNames.includes(name)) throw invalid('there is no such tag', { measurement, tag: name })
    const values = typeof asked === 'string' ? [asked] : [...new Set(asked)]
    if (values.length === 0 || values.length > mostTagValues)
      throw invalid(`a tag may have 1 to ${mostTagValues} values`, { tag: name })
    return [name, values.map(tagText)] as const
  })
  if (!isStorableTime(from) || !isStorableTime(to) || from >= to)
    throw invalid('the range of time is empty or not in whole milliseconds', { from, to })
  if (!Number.isSafeInteger(limit) || limit < 1) throw invalid('the limit must be 1 or more', { limit })
  return { measurement, tagNames, tags, from, to, limit }
}

function checkField(measurement: Measurement, field: string): CheckedField {
  const kind = fieldsOf(measurement).get(field)
  if (kind === undefined) throw invalid('there is no such field', { measurement, field })
  if (kind === 'string') throw invalid('a text field has no values to draw', { measurement, field })
  return { field, kind }
}

export const tooManyPoints = (limit: number): FaultlineError =>
  invalid('the answer has more points than asked for; shorten the range or widen the step', { limit })

/** Whether a store found more than the limit, and not something else wrong with the question. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof FaultlineError && error.code === 'REQUEST_INVALID' && error.details.limit !== undefined
