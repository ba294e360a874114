import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Measurement, measurements } from '../../model/measurements.ts'
import { type FieldKind, fieldsOf } from '../measurement-fields.ts'
import type { Series } from '../sample-store.ts'
import { type CheckedQuery, tooManyPoints } from '../series-query.ts'
import { bucketed } from './buckets.ts'
import { LineDecoder } from './line-decoder.ts'
import { dayMs, dayOf, type StoredValue } from './worker-messages.ts'

/** Whole thousandths take four bytes where a REAL takes eight. */
const columnTypes: Readonly<Record<FieldKind, string>> = {
  integer: 'INTEGER',
  float: 'REAL',
  thousandths: 'INTEGER',
  string: 'TEXT',
}
const tableName = /^(.+)_(\d{1,6})$/
/** Pages of the days being written, KiB: as many series as a small site has are then found without reading. */
const cacheKib = 32_768

type Point = readonly [at: number, value: number]

/** With a row a series and day, all days of many series are read faster whole than series by series. */
const sparse: ReadonlySet<Measurement> = new Set(['interface_peak_day', 'icmp_peak_day', 'service_peak'])
const fewSeries = 16

/** What became of lines: rows before the first day kept, and lines that are none, are refused. */
export interface LinesWritten {
  readonly kept: number
  readonly tooOld: number
  readonly malformed: number
}

/**
 * Samples in one SQLite file: a dictionary of series, and a table a measurement and UTC day (`interface_20513`) keyed by
 * series and ms of the day, so that a day is dropped at once and one series of a day lies together. A commit survives a
 * killed process; a power cut may cost the last seconds (synchronous=NORMAL), which a spool may send again.
 */
export class SampleFile {
  readonly #db: DatabaseSync
  readonly #inserts = new Map<string, StatementSync>()
  readonly #decoder: LineDecoder
  /** The statement of the last row, by its measurement and day: most rows follow one of the same. */
  #last:
    | { readonly measurement: Measurement; readonly day: number; readonly insert: StatementSync }
    | undefined
  #keptFromDay = 0

  /** Throws what node:sqlite throws: the file is damaged, the disk full, or the folder not ours. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    this.#decoder = new LineDecoder({
      seriesId: (measurement, tags) => this.#idOf(measurement, tags),
      insert: (measurement, day, row) => this.#insert(measurement, day, row),
    })
    try {
      this.#db.exec(`PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
        PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=67108864;
        PRAGMA cache_size=-${cacheKib}; PRAGMA wal_autocheckpoint=8000;
        CREATE TABLE IF NOT EXISTS series (
          id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags))`)
      // Touches the dictionary, so that most damage is found now and not at the first write.
      this.#db.prepare('SELECT count(*) FROM series').get()
      this.#renewOldTables()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** One transaction. A row that is there keeps the fields that the new one lacks, as InfluxDB does. */
  write(lines: Buffer, keepFromDay: number): LinesWritten {
    let written: LinesWritten
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      written = this.#decoder.decode(lines, keepFromDay)
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#forgetStatements()
      // Some series may have been made in this transaction.
      this.#decoder.forget()
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
    if (keepFromDay > this.#keptFromDay) this.#dropDaysBefore(keepFromDay)
    return written
  }

  /** @throws FaultlineError REQUEST_INVALID when there are more points than the limit. */
  query(query: CheckedQuery): readonly Series[] {
    const { buckets, limit } = query
    const series = this.#seriesOf(query)
    const pointsOf = this.#pointsOf(query, new Set(series.map(({ id }) => id)))
    let count = 0
    const found: Series[] = []
    for (const { id, tags } of series) {
      // Raw values within a bucket do not count, but the buckets do.
      const raw = pointsOf(id)
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

  #insert(measurement: Measurement, day: number, row: readonly StoredValue[]): void {
    if (this.#last?.day !== day || this.#last.measurement !== measurement)
      this.#last = { measurement, day, insert: this.#insertInto(measurement, day) }
    this.#last.insert.run(...row)
  }

  #insertInto(measurement: Measurement, day: number): StatementSync {
    const table = `${measurement}_${day}`
    const known = this.#inserts.get(table)
    if (known !== undefined) return known
    const fields = [...fieldsOf(measurement)]
    const columns = fields.map(([name, kind]) => `"${name}" ${columnTypes[kind]}`)
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS "${table}" (
        series INTEGER NOT NULL, ms INTEGER NOT NULL, ${columns.join(', ')}, PRIMARY KEY (series, ms)) WITHOUT ROWID`,
    )
    // A table that an older version began today lacks the fields that are new in this one.
    const present = this.#columnsOf(table)
    for (const [i, [name]] of fields.entries())
      if (!present.has(name)) this.#db.exec(`ALTER TABLE "${table}" ADD COLUMN ${columns[i]}`)
    const names = fields.map(([name]) => `"${name}"`)
    const statement = this.#db.prepare(
      `INSERT INTO "${table}" (series, ms, ${names.join(', ')}) VALUES (?, ?${', ?'.repeat(names.length)})
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

  #idOf(measurement: Measurement, tags: string): number {
    const row =
      this.#db.prepare('SELECT id FROM series WHERE measurement = ? AND tags = ?').get(measurement, tags) ??
      this.#db
        .prepare('INSERT INTO series (measurement, tags) VALUES (?, ?) RETURNING id')
        .get(measurement, tags)
    return Number(row?.id)
  }

  #seriesOf({ measurement, tags, tagNames }: CheckedQuery) {
    const wanted = new Map(tags)
    const whole = tagNames.every((name) => wanted.has(name))
    const exact = JSON.stringify(Object.fromEntries(tags.toSorted(([a], [b]) => (a < b ? -1 : 1))))
    // Most that lack a tag need not be parsed.
    const parts = tags.map(([name, value]) => JSON.stringify({ [name]: value }).slice(1, -1))
    const rows = whole
      ? this.#db
          .prepare('SELECT id, tags FROM series WHERE measurement = ? AND tags = ?')
          .all(measurement, exact)
      : this.#db
          .prepare(
            `SELECT id, tags FROM series WHERE measurement = ?${' AND instr(tags, ?) > 0'.repeat(parts.length)} ORDER BY tags`,
          )
          .all(measurement, ...parts)
    return rows.flatMap((row) => {
      const found: Record<string, string> = JSON.parse(String(row.tags))
      return tags.every(([name, value]) => found[name] === value) ? [{ id: Number(row.id), tags: found }] : []
    })
  }

  /** How to read the points of these series, in the order of time. */
  #pointsOf(query: CheckedQuery, series: ReadonlySet<number>): (id: number) => IteratorObject<Point> {
    const { measurement, field, kind, from, to, buckets, limit } = query
    const scale = kind === 'thousandths' ? 1_000 : 1
    const days = this.#daysOf(measurement, dayOf(from), dayOf(to - 1)).filter((day) =>
      this.#columnsOf(`${measurement}_${day}`).has(field),
    )
    // As REAL: an integer above 2^53 would be refused as a number, and a chart needs no more than that.
    const select = (day: number, columns: string, where: string): StatementSync => {
      const statement = this.#db.prepare(
        `SELECT ${columns}, ms, CAST("${field}" AS REAL) AS value FROM "${measurement}_${day}"
          WHERE ${where} ms >= ? AND ms < ? AND "${field}" IS NOT NULL ORDER BY series, ms`,
      )
      statement.setReturnArrays(true)
      return statement
    }
    const pointOf = (day: number, ms: unknown, value: unknown): Point => [
      day * dayMs + Number(ms),
      Number(value) / scale,
    ]
    const isSparse = series.size > fewSeries && sparse.has(measurement)
    if (isSparse) {
      const points = new Map<number, Point[]>()
      let count = 0
      for (const day of days)
        for (const row of select(day, 'series', '').iterate(from - day * dayMs, to - day * dayMs)) {
          const [id, ms, value] = Object.values(row)
          if (!series.has(Number(id))) continue
          const own = points.get(Number(id)) ?? []
          if (own.length === 0) points.set(Number(id), own)
          own.push(pointOf(day, ms, value))
          if (buckets === undefined && ++count > limit) throw tooManyPoints(limit)
        }
      return (id) => (points.get(id) ?? []).values()
    }
    const statements = days.map((day) => [day, select(day, 'series', 'series = ? AND')] as const)
    return function* (id) {
      for (const [day, statement] of statements)
        for (const row of statement.iterate(id, from - day * dayMs, to - day * dayMs)) {
          const [, ms, value] = Object.values(row)
          yield pointOf(day, ms, value)
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
    this.#forgetStatements()
    for (const { name } of old) this.#db.exec(`DROP TABLE "${name}"`)
    if (old.length > 0) this.#db.exec('PRAGMA incremental_vacuum')
    this.#keptFromDay = day
  }

  #forgetStatements(): void {
    this.#inserts.clear()
    this.#last = undefined
  }

  /** Tables of the first format held the whole time, and rates as they were: one transaction each, once. */
  #renewOldTables(): void {
    for (const { name, measurement, day } of this.#dayTables()) {
      const columns = this.#columnsOf(name)
      if (!columns.has('at') || !isMeasurement(measurement)) continue
      const kept = [...fieldsOf(measurement)].filter(([field]) => columns.has(field))
      const values = kept.map(([field, kind]) =>
        kind === 'thousandths' ? `round("${field}" * 1000)` : `"${field}"`,
      )
      this.#db.exec(`BEGIN IMMEDIATE; ALTER TABLE "${name}" RENAME TO "old ${name}"`)
      this.#insertInto(measurement, day)
      this.#db.exec(`INSERT INTO "${name}" (${['series', 'ms', ...kept.map(([field]) => `"${field}"`)].join(', ')})
          SELECT ${['series', `at - ${day * dayMs}`, ...values].join(', ')} FROM "old ${name}";
        DROP TABLE "old ${name}"; COMMIT`)
    }
  }
}

const isMeasurement = (name: string): name is Measurement => Object.hasOwn(measurements, name)

export const firstDayKept = (now: number, retentionDays: number): number => dayOf(now - retentionDays * dayMs)
