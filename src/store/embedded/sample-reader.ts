import type { DatabaseSync } from 'node:sqlite'
import type { Series } from '../sample-store.ts'
import { type CheckedColumns, type CheckedQuery, tooManyPoints } from '../series-query.ts'
import { bucketed } from './buckets.ts'
import { RowCollector } from './row-collector.ts'
import { columnsOf, keyFactor, reaches, type SampleTable, tablesIn } from './sample-tables.ts'
import { dayMs, dayOf, type PackedColumns } from './worker-messages.ts'

type Point = readonly [at: number, value: number]
type Selection = Pick<CheckedQuery, 'measurement' | 'tags' | 'tagNames' | 'from' | 'to'>

/** What is kept in thousandths is told in whole ones. */
const scaleOf = ({ kind }: CheckedQuery | CheckedColumns['fields'][number]): number =>
  kind === 'thousandths' ? 1_000 : 1

/** Reads a sample file. As REAL: an integer above 2^53 would be refused as a number, and a chart needs no more than that. */
export class SampleReader {
  readonly #db: DatabaseSync
  /** Takes each row of the statement that runs: 60,000 rows cost a fifth of what they cost as objects. */
  #collect: (row: readonly unknown[]) => void = () => {}

  constructor(db: DatabaseSync) {
    this.#db = db
    db.function('collect', { varargs: true, directOnly: true }, (...row) => {
      this.#collect(row)
      return 0
    })
  }

  /** @throws FaultlineError REQUEST_INVALID when there are more points than the limit. */
  query(query: CheckedQuery): readonly Series[] {
    const { buckets, limit } = query
    const pointsOf = this.#pointsOf(query)
    let count = 0
    const found: Series[] = []
    for (const { id, tags } of this.#seriesOf(query)) {
      // Raw values within a bucket do not count, but the buckets do.
      const raw = pointsOf(id)
      const points =
        buckets === undefined
          ? raw.take(limit + 1 - count).toArray()
          : bucketed(raw, buckets.step, buckets.aggregate)
      count += points.length
      if (count > limit) throw tooManyPoints(limit)
      if (points.length > 0) found.push({ tags: JSON.parse(tags), points })
    }
    return found
  }

  /** @throws FaultlineError REQUEST_INVALID when there are more rows than the limit. */
  columns(query: CheckedColumns): PackedColumns {
    const { fields, from, to, limit } = query
    // In the order in which they lie in the tables.
    const series = this.#seriesOf(query).toSorted((a, b) => a.id - b.id)
    const rows = new RowCollector(
      series,
      fields.map((field) => ({ field: field.field, scale: scaleOf(field) })),
      limit,
    )
    const ids = JSON.stringify(series.map(({ id }) => id))
    for (const { name, day } of this.#tablesOf(query)) {
      const present = columnsOf(this.#db, name)
      const values = fields.map(({ field }) => (present.has(field) ? `CAST("${field}" AS REAL)` : 'NULL'))
      const start = day * dayMs
      this.#collect = (row) => rows.take(start, row)
      // A seek for each series; its rows lie together in the order of time.
      this.#db
        .prepare(
          `SELECT count(collect(rows.key, ${values.join(', ')}))
            FROM json_each(?) AS wanted CROSS JOIN "${name}" AS rows
            ON rows.key >= wanted.value * ${keyFactor} + ? AND rows.key < wanted.value * ${keyFactor} + ?`,
        )
        .get(ids, Math.max(0, from - start), Math.min(keyFactor, to - start))
    }
    return rows.finish()
  }

  /** Ids and tags (JSON), in the order of the tags. */
  #seriesOf({ measurement, tags, tagNames }: Selection) {
    const wanted = new Map(tags)
    const single = tags.flatMap(([name, [value = '', ...more]]) =>
      more.length === 0 ? [[name, value] as const] : [],
    )
    const isWhole = single.length === tagNames.length
    const exact = JSON.stringify(Object.fromEntries(single.toSorted(([a], [b]) => (a < b ? -1 : 1))))
    // Most that lack a tag need not be parsed.
    const parts = single.map(([name, value]) => JSON.stringify({ [name]: value }).slice(1, -1))
    const rows = isWhole
      ? this.#db
          .prepare('SELECT id, tags FROM series WHERE measurement = ? AND tags = ?')
          .all(measurement, exact)
      : this.#db
          .prepare(
            `SELECT id, tags FROM series WHERE measurement = ?${' AND instr(tags, ?) > 0'.repeat(parts.length)} ORDER BY tags`,
          )
          .all(measurement, ...parts)
    const found = rows.map((row) => ({ id: Number(row.id), tags: String(row.tags) }))
    if (isWhole || wanted.size === 0) return found
    return found.filter(({ tags: text }) => {
      const own: Record<string, string> = JSON.parse(text)
      return wanted.entries().every(([name, values]) => values.includes(own[name] ?? ''))
    })
  }

  /** How to read the points of one series, in the order of time. */
  #pointsOf(query: CheckedQuery): (id: number) => IteratorObject<Point> {
    const { field, from, to } = query
    const scale = scaleOf(query)
    const statements = this.#tablesOf(query)
      .filter(({ name }) => columnsOf(this.#db, name).has(field))
      .map(({ name, day }) => {
        const statement = this.#db.prepare(
          `SELECT key, CAST("${field}" AS REAL) FROM "${name}"
            WHERE key >= ? AND key < ? AND "${field}" IS NOT NULL ORDER BY key`,
        )
        statement.setReturnArrays(true)
        return { start: day * dayMs, statement }
      })
    return function* (id) {
      const first = id * keyFactor
      for (const { start, statement } of statements) {
        const end = first + Math.min(keyFactor, to - start)
        for (const row of statement.iterate(first + Math.max(0, from - start), end)) {
          const [key, value] = Object.values(row)
          yield [start + Number(key) - first, Number(value) / scale]
        }
      }
    }
  }

  #tablesOf({ measurement, from, to }: Selection): readonly SampleTable[] {
    return tablesIn(this.#db).filter(
      (table) => table.measurement === measurement && reaches(table, dayOf(from), dayOf(to - 1)),
    )
  }
}
