import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Measurement } from '../../model/measurements.ts'
import { fieldsOf } from '../measurement-fields.ts'
import type { Series } from '../sample-store.ts'
import { type CheckedQuery, tooManyPoints } from '../series-query.ts'
import { bucketed } from './buckets.ts'
import { dayMs, dayOf, type NewSeries, type RowBatch, type StoredValue } from './worker-messages.ts'

const columnTypes = { integer: 'INTEGER', float: 'REAL', string: 'TEXT' } as const
const tableName = /^(.+)_(\d{1,6})$/

type Point = readonly [at: number, value: number]

/**
 * Samples in one SQLite file: a dictionary of series, and a table a measurement and UTC day (`interface_20513`) keyed by
 * series and time, so that a day is dropped at once and one series of a day lies together. A commit survives a killed
 * process; a power cut may cost the last seconds (synchronous=NORMAL), which a queue may send again.
 */
export class SampleFile {
  readonly #db: DatabaseSync
  readonly #inserts = new Map<string, StatementSync>()
  readonly #introduced: ReadonlyMap<number, NewSeries>
  /** Row ids of the introduced series; forgotten when a transaction fails, since some may have been made in it. */
  readonly #ids = new Map<number, number>()
  #keptFromDay = 0

  /**
   * `introduced` holds every series that a batch may name. Throws what node:sqlite throws: the file is damaged, the disk
   * full, or the folder not ours.
   */
  constructor(file: string, introduced: ReadonlyMap<number, NewSeries>) {
    this.#introduced = introduced
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(`PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
        PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=67108864;
        CREATE TABLE IF NOT EXISTS series (
          id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags))`)
      // Touches the dictionary, so that most damage is found now and not at the first write.
      this.#db.prepare('SELECT count(*) FROM series').get()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** One transaction. A row that is there keeps the fields that the new one lacks, as InfluxDB does. */
  write({ rows, keepFromDay }: RowBatch): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      for (const { measurement, values } of rows) this.#insert(measurement, values)
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#inserts.clear()
      this.#ids.clear()
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
    if (keepFromDay > this.#keptFromDay) this.#dropDaysBefore(keepFromDay)
  }

  /** @throws FaultlineError REQUEST_INVALID when there are more points than the limit. */
  query(query: CheckedQuery): readonly Series[] {
    const { buckets, limit } = query
    let count = 0
    const found: Series[] = []
    for (const { id, tags } of this.#seriesOf(query)) {
      // Raw values within a bucket do not count, but the buckets do.
      const raw = this.#points(query, id)
      const points =
        buckets === undefined
          ? raw.take(limit + 1 - count).toArray()
          : bucketed(raw, buckets.step, buckets.aggregate)
      count += points.length
      if (count > limit) throw tooManyPoints(limit)
      if (points.length > 0) found.push({ tags, points })
    }
    return found
  }

  close(): void {
    this.#db.close()
  }

  #insert(measurement: Measurement, values: readonly StoredValue[]): void {
    const width = 2 + fieldsOf(measurement).size
    let day = Number.NaN
    let insert: StatementSync | undefined
    for (let start = 0; start < values.length; start += width) {
      const row = values.slice(start, start + width)
      row[0] = this.#idOf(Number(row[0]))
      const rowDay = dayOf(Number(row[1]))
      // Most batches are of one day: the statement is looked up when that changes.
      if (insert === undefined || rowDay !== day) {
        day = rowDay
        insert = this.#insertInto(measurement, day)
      }
      insert.run(...row)
    }
  }

  #insertInto(measurement: Measurement, day: number): StatementSync {
    const table = `${measurement}_${day}`
    const known = this.#inserts.get(table)
    if (known !== undefined) return known
    const fields = [...fieldsOf(measurement)]
    const columns = fields.map(([name, kind]) => `"${name}" ${columnTypes[kind]}`)
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS "${table}" (
        series INTEGER NOT NULL, at INTEGER NOT NULL, ${columns.join(', ')}, PRIMARY KEY (series, at)) WITHOUT ROWID`,
    )
    // A table that an older version began today lacks the fields that are new in this one.
    const present = this.#columnsOf(table)
    for (const [i, [name]] of fields.entries())
      if (!present.has(name)) this.#db.exec(`ALTER TABLE "${table}" ADD COLUMN ${columns[i]}`)
    const names = fields.map(([name]) => `"${name}"`)
    const statement = this.#db.prepare(
      `INSERT INTO "${table}" (series, at, ${names.join(', ')}) VALUES (?, ?${', ?'.repeat(names.length)})
        ON CONFLICT DO UPDATE SET ${names.map((n) => `${n} = coalesce(excluded.${n}, ${n})`).join(', ')}`,
    )
    // Late samples reach back some days; thousands of prepared statements would serve nobody.
    if (this.#inserts.size >= 200) this.#inserts.clear()
    this.#inserts.set(table, statement)
    return statement
  }

  #columnsOf(table: string): ReadonlySet<string> {
    return new Set(
      this.#db
        .prepare('SELECT name FROM pragma_table_info(?)')
        .all(table)
        .map(({ name }) => String(name)),
    )
  }

  #idOf(number: number): number {
    const known = this.#ids.get(number)
    if (known !== undefined) return known
    const series = this.#introduced.get(number)
    if (series === undefined) throw new Error(`series ${number} was never introduced`)
    const key = [series.measurement, series.tags]
    const row =
      this.#db.prepare('SELECT id FROM series WHERE measurement = ? AND tags = ?').get(...key) ??
      this.#db.prepare('INSERT INTO series (measurement, tags) VALUES (?, ?) RETURNING id').get(...key)
    const id = Number(row?.id)
    this.#ids.set(number, id)
    return id
  }

  #seriesOf({ measurement, tags, tagNames }: CheckedQuery) {
    const wanted = new Map(tags)
    const whole = tagNames.every((name) => wanted.has(name))
    const exact = JSON.stringify(Object.fromEntries(tags.toSorted(([a], [b]) => (a < b ? -1 : 1))))
    const rows = whole
      ? this.#db
          .prepare('SELECT id, tags FROM series WHERE measurement = ? AND tags = ?')
          .all(measurement, exact)
      : this.#db.prepare('SELECT id, tags FROM series WHERE measurement = ? ORDER BY tags').all(measurement)
    return rows.flatMap((row) => {
      const found: Record<string, string> = JSON.parse(String(row.tags))
      return tags.every(([name, value]) => found[name] === value) ? [{ id: Number(row.id), tags: found }] : []
    })
  }

  *#points({ measurement, field, from, to }: CheckedQuery, series: number): Generator<Point, undefined> {
    for (const day of this.#daysOf(measurement, dayOf(from), dayOf(to - 1))) {
      const table = `${measurement}_${day}`
      if (!this.#columnsOf(table).has(field)) continue
      // As REAL: an integer above 2^53 would be refused as a number, and a chart needs no more than that.
      const statement = this.#db.prepare(
        `SELECT at, CAST("${field}" AS REAL) AS value FROM "${table}"
          WHERE series = ? AND at >= ? AND at < ? AND "${field}" IS NOT NULL ORDER BY at`,
      )
      statement.setReturnArrays(true)
      for (const row of statement.iterate(series, from, to)) {
        const [at, value] = Object.values(row)
        yield [Number(at), Number(value)]
      }
    }
  }

  #daysOf(measurement: string, first: number, last: number): readonly number[] {
    return this.#dayTables()
      .filter((table) => table.measurement === measurement && table.day >= first && table.day <= last)
      .map(({ day }) => day)
      .toSorted((a, b) => a - b)
  }

  #dayTables(): readonly { readonly name: string; readonly measurement: string; readonly day: number }[] {
    const rows = this.#db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    return rows.flatMap((row) => {
      const [name, measurement, day] = tableName.exec(String(row.name)) ?? []
      return name !== undefined && measurement !== undefined ? [{ name, measurement, day: Number(day) }] : []
    })
  }

  #dropDaysBefore(day: number): void {
    const old = this.#dayTables().filter((table) => table.day < day)
    this.#inserts.clear()
    for (const { name } of old) this.#db.exec(`DROP TABLE "${name}"`)
    if (old.length > 0) this.#db.exec('PRAGMA incremental_vacuum')
    this.#keptFromDay = day
  }
}

export const firstDayKept = (now: number, retentionDays: number): number => dayOf(now - retentionDays * dayMs)
