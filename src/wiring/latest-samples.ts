import type { LatestQuery } from '../api/ports/sample-access.ts'
import type { FieldOf } from '../model/measurements.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { LatestMeasurement, LatestRows, LatestValues } from '../sample/latest-values.ts'

/** @throws FaultlineError REQUEST_INVALID when there are more series than the limit. */
export function latestSamples(
  latest: Pick<LatestValues, 'count' | 'rows'>,
  { measurement, fields, tags, limit }: LatestQuery,
): LatestRows<FieldOf<LatestMeasurement>> {
  const count = latest.count(measurement, tags)
  if (count > limit)
    throw new FaultlineError('REQUEST_INVALID', `there are ${count} series; name an element`, {
      field: 'limit',
    })
  return latest.rows(measurement, fields, tags)
}
