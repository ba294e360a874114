import type { Columns } from '../../src/model/columns.ts'
import type { FieldOf, Measurement } from '../../src/model/measurements.ts'
import type { FieldValue, Sample } from '../../src/model/sample.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import type { ColumnsQuery, SampleStore, Series } from '../../src/store/sample-store.ts'

const keyOf = ({ measurement, tags }: Pick<Sample, 'measurement' | 'tags'>) =>
  JSON.stringify([measurement, Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))])

/** A sample store in memory: the same series and time again overwrites the fields that it has. */
export function createMemoryStore() {
  const series = new Map<
    string,
    { readonly sample: Sample; readonly rows: Map<number, Record<string, FieldValue>> }
  >()
  let isAway = false

  function* rowsOf({
    measurement,
    tags,
    from,
    to,
  }: Pick<Parameters<SampleStore['query']>[0], 'measurement' | 'tags' | 'from' | 'to'>) {
    if (isAway) throw new FaultlineError('STORE_UNAVAILABLE')
    const isAsked = ([name, value]: [string, string | readonly string[]], own: Sample['tags']) =>
      typeof value === 'string' ? own[name] === value : value.includes(own[name] ?? '')
    for (const { sample, rows } of series.values()) {
      if (sample.measurement !== measurement) continue
      if (!Object.entries(tags).every((tag) => isAsked(tag, sample.tags))) continue
      const found = [...rows].filter(([at]) => at >= from && at < to).sort(([a], [b]) => a - b)
      yield { tags: sample.tags, rows: found }
    }
  }
  const checkLimit = (count: number, limit: number) => {
    if (count > limit) throw new FaultlineError('REQUEST_INVALID', 'too many points')
  }

  const query: SampleStore['query'] = async ({ field, limit, ...selection }) => {
    const found: Series[] = []
    let count = 0
    for (const { tags, rows } of rowsOf(selection)) {
      const points = rows.flatMap(([at, { [field]: value }]) =>
        value === undefined ? [] : [[at, Number(value)] as const],
      )
      count += points.length
      if (points.length > 0) found.push({ tags, points })
    }
    checkLimit(count, limit)
    return found
  }

  /** What `columns` answers, at once. */
  function columnsNow<M extends Measurement, F extends FieldOf<M>>({
    fields,
    limit,
    ...selection
  }: ColumnsQuery<M, F>): Columns<F> {
    const found: { tags: Sample['tags']; start: number; end: number }[] = []
    const kept: (readonly [at: number, fields: Readonly<Record<string, FieldValue>>])[] = []
    for (const { tags, rows } of rowsOf(selection)) {
      const start = kept.length
      for (const row of rows) if (fields.some((field) => row[1][field] !== undefined)) kept.push(row)
      if (kept.length > start) found.push({ tags, start, end: kept.length })
    }
    checkLimit(kept.length, limit)
    const values = fields.map((field) => [
      field,
      Float64Array.from(kept, ([, row]) => Number(row[field] ?? Number.NaN)),
    ])
    return {
      series: found,
      at: Float64Array.from(kept, ([at]) => at),
      values: Object.fromEntries(values) as Columns<F>['values'],
    }
  }

  return {
    query,
    columns: (async (asked) => columnsNow(asked)) satisfies SampleStore['columns'],
    columnsNow,
    offer(samples: readonly Sample[]) {
      for (const sample of samples) {
        const known = series.get(keyOf(sample)) ?? { sample, rows: new Map() }
        series.set(keyOf(sample), known)
        known.rows.set(sample.at, { ...known.rows.get(sample.at), ...sample.fields })
      }
    },
    /** Queries fail until it is back. */
    away(now: boolean) {
      isAway = now
    },
    /** Every row of a measurement, by series and time. */
    rows(measurement: Sample['measurement']): readonly Sample[] {
      return [...series.values()]
        .filter(({ sample }) => sample.measurement === measurement)
        .flatMap(({ sample: { tags }, rows }) =>
          [...rows].sort(([a], [b]) => a - b).map(([at, fields]) => ({ measurement, tags, fields, at })),
        )
    },
  }
}
