import { type FieldOf, type Measurement, measurements } from '../model/measurements.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { SampleStore, Series, SeriesQuery } from '../store/sample-store.ts'

export type HistoryQuery<M extends Measurement> = Pick<
  SeriesQuery<M>,
  'measurement' | 'field' | 'tags' | 'from' | 'to'
>

/** Reads one field of stored series whole, however many points that is. @throws as a SampleStore's query does. */
export type History = <M extends Measurement>(query: HistoryQuery<M>) => Promise<readonly Series[]>

/** Points of one answer: some milliseconds to take in, so that polls are not held up. */
const mostPoints = 20_000
/** A range that still has more points in that time is refused. */
const shortestMs = 60_000

/** Splits a range that has too many points for one answer. */
export function createHistory(store: Pick<SampleStore, 'query'>, signal: AbortSignal): History {
  return async function read<M extends Measurement>(query: HistoryQuery<M>): Promise<readonly Series[]> {
    try {
      return await store.query({ ...query, limit: mostPoints }, signal)
    } catch (error) {
      const middle = Math.floor((query.from + query.to) / 2)
      const isTooMany = error instanceof FaultlineError && error.code === 'REQUEST_INVALID'
      if (!isTooMany || middle - query.from < shortestMs) throw error
      return joined(await read({ ...query, to: middle }), await read({ ...query, from: middle }))
    }
  }
}

function joined(earlier: readonly Series[], later: readonly Series[]): readonly Series[] {
  const found = new Map(earlier.map((series) => [keyOf(series.tags), series]))
  for (const series of later) {
    const before = found.get(keyOf(series.tags))
    const points = before === undefined ? series.points : [...before.points, ...series.points]
    found.set(keyOf(series.tags), { tags: series.tags, points })
  }
  return [...found.values()]
}

const keyOf = (tags: Series['tags']): string =>
  JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** Several fields of the same series and times, put together: what was not measured is absent. */
export interface Row<F extends string> {
  readonly at: number
  readonly values: Readonly<Partial<Record<F, number>>>
}

export interface RowSeries<F extends string> {
  readonly tags: Series['tags']
  /** In the order of time. */
  readonly rows: readonly Row<F>[]
}

/** Reads some fields of a measurement, as rows by series. */
export async function readRows<M extends Measurement, F extends FieldOf<M>>(
  history: History,
  query: Omit<HistoryQuery<M>, 'field'>,
  fields: readonly F[],
): Promise<readonly RowSeries<F>[]> {
  const found = new Map<string, { tags: Series['tags']; rows: Map<number, Partial<Record<F, number>>> }>()
  for (const field of fields)
    for (const { tags, points } of await history({ ...query, field })) {
      const key = keyOf(tags)
      const series = found.get(key) ?? { tags, rows: new Map() }
      found.set(key, series)
      for (const [at, value] of points) {
        const values = series.rows.get(at) ?? {}
        values[field] = value
        series.rows.set(at, values)
      }
    }
  return [...found.values()].map(({ tags, rows }) => ({
    tags,
    rows: [...rows].sort(([a], [b]) => a - b).map(([at, values]) => ({ at, values })),
  }))
}

/** Whether the table of measurements has that field, for names that are put together. */
export const isFieldOf = <M extends Measurement>(measurement: M, field: string): field is FieldOf<M> =>
  Object.hasOwn(measurements[measurement].fields, field)
