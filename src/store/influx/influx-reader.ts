import type { Series, SeriesQuery } from '../sample-store.ts'
import { type CheckedQuery, checkQuery, tooManyPoints } from '../series-query.ts'
import type { InfluxClient } from './influx-client.ts'

const functions = {
  mean: (field: string) => `mean("${field}")`,
  max: (field: string) => `max("${field}")`,
  p95: (field: string) => `percentile("${field}", 95)`,
} as const

/** Names come from the table of measurements, numbers from checked integers, and values are placeholders. */
export function createInfluxReader(client: InfluxClient) {
  return async (asked: SeriesQuery, signal: AbortSignal): Promise<readonly Series[]> => {
    const query = checkQuery(asked)
    const { tags, tagNames, limit } = query
    const placeholders = {
      from: new Date(query.from).toISOString(),
      to: new Date(query.to).toISOString(),
      ...Object.fromEntries(tags.map(([name, value]) => [`tag_${name}`, value])),
    }
    // With all tags given there is one series and LIMIT bounds the answer; else count first, since LIMIT is per series.
    if (tags.length < tagNames.length) {
      const [counted] = await client.query(countStatement(query), placeholders, signal)
      if (Number(counted?.rows[0]?.[1] ?? 0) > limit) throw tooManyPoints(limit)
    }
    const groups = tagNames.map((name) => `"${name}"`)
    const statement = `${selectStatement(query, groups)} LIMIT ${limit + 1}`
    const series = await client.query(statement, placeholders, signal)
    if (series.reduce((sum, { rows }) => sum + rows.length, 0) > limit) throw tooManyPoints(limit)
    return series.map(({ tags: found, rows }) => ({
      tags: found,
      points: rows.flatMap(([at, value]) =>
        typeof at === 'number' && typeof value === 'number' ? [[at, value] as const] : [],
      ),
    }))
  }
}

function selectStatement(query: CheckedQuery, groups: readonly string[]): string {
  const { measurement, field, tags, buckets } = query
  const conditions = ['time >= $from', 'time < $to', ...tags.map(([name]) => `"${name}" = $tag_${name}`)]
  const value = buckets === undefined ? `"${field}"` : functions[buckets.aggregate](field)
  const by = buckets === undefined ? groups : [`time(${buckets.step}ms)`, ...groups]
  const fill = buckets === undefined ? '' : ' fill(none)'
  return `SELECT ${value} AS "value" FROM "${measurement}" WHERE ${conditions.join(' AND ')} GROUP BY ${by.join(', ')}${fill}`
}

const countStatement = (query: CheckedQuery): string =>
  `SELECT count("value") FROM (${selectStatement(
    query,
    query.tagNames.map((name) => `"${name}"`),
  )})`
