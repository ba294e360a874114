import type { Aggregate } from '../sample-store.ts'

/** Makes one value of a bucket's values, which are never none. */
const aggregates: Readonly<Record<Aggregate, (values: number[]) => number>> = {
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  p95,
}

/**
 * The 95th percentile by nearest rank, rounding the rank as InfluxDB's `percentile` does (half up, in floating point),
 * so that both stores say the same. Sorts in place.
 */
export function p95(values: number[]): number {
  values.sort((a, b) => a - b)
  const rank = Math.floor((values.length * 95) / 100 + 0.5)
  return values[Math.max(0, rank - 1)] ?? Number.NaN
}

/** Values in the order of time to buckets aligned to the epoch, as InfluxDB's GROUP BY time() does; no empty ones. */
export function bucketed(
  points: Iterable<readonly [at: number, value: number]>,
  step: number,
  aggregate: Aggregate,
): (readonly [at: number, value: number])[] {
  const make = aggregates[aggregate]
  const buckets: (readonly [number, number])[] = []
  let start = Number.NaN
  let values: number[] = []
  const finish = () => {
    if (values.length > 0) buckets.push([start, make(values)])
    values = []
  }
  for (const [at, value] of points) {
    const bucket = Math.floor(at / step) * step
    if (bucket !== start) {
      finish()
      start = bucket
    }
    values.push(value)
  }
  finish()
  return buckets
}
