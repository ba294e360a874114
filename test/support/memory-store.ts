import type { FieldValue, Sample } from '../../src/model/sample.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import type { SampleStore, Series } from '../../src/store/sample-store.ts'

const keyOf = ({ measurement, tags }: Pick<Sample, 'measurement' | 'tags'>) =>
  JSON.stringify([measurement, Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))])

/** A sample store in memory: the same series and time again overwrites the fields that it has. */
export function createMemoryStore() {
  const series = new Map<
    string,
    { readonly sample: Sample; readonly rows: Map<number, Record<string, FieldValue>> }
  >()
  let isAway = false

  const query: SampleStore['query'] = async ({ measurement, field, tags, from, to, limit }) => {
    if (isAway) throw new FaultlineError('STORE_UNAVAILABLE')
    const found: Series[] = []
    let count = 0
    for (const { sample, rows } of series.values()) {
      if (sample.measurement !== measurement) continue
      if (Object.entries(tags).some(([name, value]) => sample.tags[name] !== value)) continue
      const points = [...rows]
        .filter(([at, fields]) => at >= from && at < to && fields[field] !== undefined)
        .sort(([a], [b]) => a - b)
        .map(([at, fields]) => [at, Number(fields[field])] as const)
      count += points.length
      if (points.length > 0) found.push({ tags: sample.tags, points })
    }
    if (count > limit) throw new FaultlineError('REQUEST_INVALID', 'too many points')
    return found
  }

  return {
    query,
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
