import type { Columns } from '../../model/columns.ts'
import type { ColumnsQuery, SampleStore, Series, SeriesQuery } from '../sample-store.ts'
import { type CheckedQuery, checkColumns, checkQuery, tooManyPoints } from '../series-query.ts'
import type { InfluxClient, InfluxSeries } from './influx-client.ts'

const functions = {
  mean: (field: string) => `mean("${field}")`,
  max: (field: string) => `max("${field}")`,
  p95: (field: string) => `percentile("${field}", 95)`,
} as const

type Selection = Pick<CheckedQuery, 'measurement' | 'tags' | 'tagNames' | 'from' | 'to' | 'limit'>

/**
 * Rows that are asked for at once: the package takes in a whole answer before anything else runs, and ten thousand rows
 * of a few fields are about a megabyte.
 */
const rowsAtOnce = 10_000

/**
 * With fewer rows a series than this, most of an answer by series is their names, and most of its time goes into finding
 * each series: then three times as many rows are asked for at once, which without the names are as many bytes.
 */
const sparseBelow = 6
const sparseAtOnce = 3

/** Names come from the table of measurements, numbers from checked integers, and values are placeholders. */
export function createInfluxReader(client: InfluxClient): Pick<SampleStore, 'query' | 'columns'> {
  const read = (values: string, selection: Selection, step: number | undefined, signal: AbortSignal) =>
    client.query(
      `${selectStatement(values, selection, step)} LIMIT ${selection.limit + 1}`,
      placeholdersOf(selection),
      signal,
    )

  /** Rows with their tags in them, in the order of time: InfluxDB makes them of many series in half the time. */
  const readSparse = async (values: string, selection: Selection, signal: AbortSignal) => {
    const { tagNames, limit } = selection
    const tags = tagNames.map((name) => `"${name}"`).join(', ')
    const statement = `SELECT ${values}, ${tags} ${fromStatement(selection)} LIMIT ${limit + 1}`
    const answer = await client.query(statement, placeholdersOf(selection), signal)
    return answer.flatMap(({ columns, rows }) => bySeries(columns, rows, tagNames))
  }

  /**
   * Rows that there are at least. Each field that is counted takes as long as the others, and nearly every row has the
   * first one.
   */
  const countOf = async (names: readonly string[], selection: Selection, signal: AbortSignal) => {
    const count = async (some: readonly string[]) =>
      countIn(await client.query(countStatement(some, selection), placeholdersOf(selection), signal))
    return (await count(names.slice(0, 1))) || count(names)
  }

  return {
    query: async (asked: SeriesQuery, signal): Promise<readonly Series[]> => {
      const query = checkQuery(asked)
      const { field, buckets, limit } = query
      const value = buckets === undefined ? `"${field}"` : functions[buckets.aggregate](field)
      if (!isOneSeries(query)) {
        const statement =
          buckets === undefined
            ? countStatement([field], query)
            : `SELECT count("value") FROM (${selectStatement(`${value} AS "value"`, query, buckets.step)})`
        checkCount(countIn(await client.query(statement, placeholdersOf(query), signal)), limit)
      }
      const series = await read(`${value} AS "value"`, query, buckets?.step, signal)
      checkCount(rowsIn(series), limit)
      return series.map(({ tags, rows }) => ({
        tags,
        points: rows.flatMap(([at, found]) =>
          typeof at === 'number' && typeof found === 'number' ? [[at, found] as const] : [],
        ),
      }))
    },
    columns: async (asked: ColumnsQuery, signal) => {
      const query = checkColumns(asked)
      const { from, to, limit } = query
      const names = query.fields.map(({ field }) => field)
      const values = names.map((field) => `"${field}"`).join(', ')
      let parts = 1
      if (!isOneSeries(query)) {
        const count = await countOf(names, query, signal)
        checkCount(count, limit)
        parts = Math.max(1, Math.ceil(count / rowsAtOnce))
      }
      const width = Math.ceil((to - from) / parts)
      const found: (readonly InfluxSeries[])[] = []
      let rows = 0
      let isSparse = false
      let start = from
      while (start < to) {
        const end = Math.min(to, start + (isSparse ? sparseAtOnce * width : width))
        const selection = { ...query, from: start, to: end }
        const part: readonly InfluxSeries[] = isSparse
          ? await readSparse(values, selection, signal)
          : await read(values, selection, undefined, signal)
        const inPart = rowsIn(part)
        rows += inPart
        checkCount(rows, limit)
        found.push(part)
        isSparse = inPart < sparseBelow * part.length
        start = end
      }
      return columnsOf(names, found.flat())
    },
  }
}

/** LIMIT is per series: it bounds the answer only where there is but one, and elsewhere is counted first. */
const isOneSeries = ({ tags, tagNames }: Selection): boolean =>
  tags.length === tagNames.length && tags.every(([, values]) => values.length === 1)

function checkCount(count: number, limit: number): void {
  if (count > limit) throw tooManyPoints(limit)
}

const countIn = ([counted]: readonly InfluxSeries[]): number =>
  Math.max(0, ...(counted?.rows[0]?.slice(1).map(Number) ?? []))

const rowsIn = (series: readonly InfluxSeries[]): number =>
  series.reduce((sum, { rows }) => sum + rows.length, 0)

/** Rows that have their tags behind their values, as series with their tags in the order in which InfluxDB tells them. */
function bySeries(
  columns: readonly string[],
  rows: InfluxSeries['rows'],
  tagNames: readonly string[],
): readonly InfluxSeries[] {
  const first = columns.length - tagNames.length
  // No tag has a line break in it.
  const groups = Map.groupBy(rows, (row) => row.slice(first).join('\n'))
  return groups
    .values()
    .map((own) => {
      const tags = tagNames.map((name, i) => [name, String(own[0]?.[first + i] ?? '')] as const)
      return { tags: Object.fromEntries(tags.toSorted(([a], [b]) => (a < b ? -1 : 1))), columns, rows: own }
    })
    .toArray()
}

/** The same series may come several times, each time with later rows. */
function columnsOf(names: readonly string[], found: readonly InfluxSeries[]): Columns {
  const bySeries = Map.groupBy(found, ({ tags }) => JSON.stringify(tags))
  const length = rowsIn(found)
  const at = new Float64Array(length)
  const columns = names.map(() => new Float64Array(length))
  let row = 0
  const take = (values: readonly unknown[]) => {
    at[row] = numberOf(values[0])
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]
      if (column !== undefined) column[row] = numberOf(values[i + 1])
    }
    row++
  }
  const series = [...bySeries.values()].map((parts) => {
    const start = row
    for (const { rows } of parts) for (const values of rows) take(values)
    return { tags: parts[0]?.tags ?? {}, start, end: row }
  })
  const values = names.map((name, i) => [name, columns[i] ?? new Float64Array()] as const)
  return { series, at, values: Object.fromEntries(values) }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)

function selectStatement(values: string, selection: Selection, step: number | undefined): string {
  const groups = [
    ...(step === undefined ? [] : [`time(${step}ms)`]),
    ...selection.tagNames.map((name) => `"${name}"`),
  ].join(', ')
  const fill = step === undefined ? '' : ' fill(none)'
  return `SELECT ${values} ${fromStatement(selection)} GROUP BY ${groups}${fill}`
}

const countStatement = (fields: readonly string[], selection: Selection): string =>
  `SELECT ${fields.map((field) => `count("${field}")`).join(', ')} ${fromStatement(selection)}`

function fromStatement({ measurement, tags }: Selection): string {
  const conditions = tags.map(([name, found]) => {
    const any = found.map((_, i) => `"${name}" = $${placeholder(name, i)}`).join(' OR ')
    return found.length === 1 ? any : `(${any})`
  })
  return `FROM "${measurement}" WHERE ${['time >= $from', 'time < $to', ...conditions].join(' AND ')}`
}

const placeholder = (tag: string, index: number): string => `tag_${tag}_${index}`

const placeholdersOf = ({ from, to, tags }: Selection): Readonly<Record<string, string>> => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  ...Object.fromEntries(
    tags.flatMap(([name, values]) => values.map((value, i) => [placeholder(name, i), value] as const)),
  ),
})
