import { setImmediate } from 'node:timers/promises'
import type { Columns, SeriesRows } from '../model/columns.ts'
import { type FieldOf, type Measurement, measurements } from '../model/measurements.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ColumnsQuery, SampleStore } from '../store/sample-store.ts'

export type HistoryQuery<M extends Measurement, F extends FieldOf<M>> = Omit<ColumnsQuery<M, F>, 'limit'>

/** Reads rows of stored series whole, however many they are. @throws as a SampleStore's `columns` does. */
export type History = <M extends Measurement, F extends FieldOf<M>>(
  query: HistoryQuery<M, F>,
) => Promise<Columns<F>>

/** Rows of one answer: a day of 5 minutes of 700 interfaces. A store's thread has nothing else to do meanwhile. */
const mostRows = 200_000
/** A range that still has more rows in that time is refused. */
const shortestMs = 60_000

/** Splits a range that has too many rows for one answer. */
export function createHistory(store: Pick<SampleStore, 'columns'>, signal: AbortSignal): History {
  return async function read<M extends Measurement, F extends FieldOf<M>>(
    query: HistoryQuery<M, F>,
  ): Promise<Columns<F>> {
    try {
      return await store.columns({ ...query, limit: mostRows }, signal)
    } catch (error) {
      const middle = Math.floor((query.from + query.to) / 2)
      const isTooMany = error instanceof FaultlineError && error.code === 'REQUEST_INVALID'
      if (!isTooMany || middle - query.from < shortestMs) throw error
      const earlier = await read({ ...query, to: middle })
      return joined(query.fields, earlier, await read({ ...query, from: middle }))
    }
  }
}

/** A column at a time: a large element has megabytes of them. */
async function joined<F extends string>(
  fields: readonly F[],
  earlier: Columns<F>,
  later: Columns<F>,
): Promise<Columns<F>> {
  const parts = new Map<string, { part: Columns<F>; rows: SeriesRows }[]>()
  for (const part of [earlier, later])
    for (const rows of part.series) {
      const key = keyOf(rows.tags)
      parts.set(key, [...(parts.get(key) ?? []), { part, rows }])
    }
  const length = earlier.at.length + later.at.length
  const put = async (columnIn: (part: Columns<F>) => Float64Array) => {
    await setImmediate()
    const column = new Float64Array(length)
    let row = 0
    for (const own of parts.values())
      for (const { part, rows } of own) {
        column.set(columnIn(part).subarray(rows.start, rows.end), row)
        row += rows.end - rows.start
      }
    return column
  }
  let end = 0
  const series = [...parts.values()].map((own) => {
    const start = end
    for (const { rows } of own) end += rows.end - rows.start
    return { tags: own[0]?.rows.tags ?? {}, start, end }
  })
  const values: [F, Float64Array][] = []
  for (const field of fields) values.push([field, await put((part) => part.values[field])])
  return {
    series,
    at: await put((part) => part.at),
    values: Object.fromEntries(values) as Columns<F>['values'],
  }
}

const keyOf = (tags: SeriesRows['tags']): string =>
  JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** Whether the table of measurements has that field, for names that are put together. */
export const isFieldOf = <M extends Measurement>(measurement: M, field: string): field is FieldOf<M> =>
  Object.hasOwn(measurements[measurement].fields, field)
