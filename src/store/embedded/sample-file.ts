import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Measurement } from '../../model/measurements.ts'
import { FaultlineError } from '../../platform/errors.ts'
import { type FieldKind, fieldsOf } from '../measurement-fields.ts'
import type { Series } from '../sample-store.ts'
import type { CheckedColumns, CheckedQuery } from '../series-query.ts'
import { DayTidier } from './day-tidier.ts'
import { LineDecoder } from './line-decoder.ts'
import { SampleReader } from './sample-reader.ts'
import { columnsOf, keyFactor, mostSeriesIds, reaches, tableNameOf, tablesIn } from './sample-tables.ts'
import { dayMs, dayOf, type PackedColumns, type StoredValue } from './worker-messages.ts'

/** Whole thousandths take four bytes where a REAL takes eight. */
const columnTypes: Readonly<Record<FieldKind, string>> = {
  integer: 'INTEGER',
  float: 'REAL',
  thousandths: 'INTEGER',
  string: 'TEXT',
}
/**
 * Pages of the days being written, KiB. Each series has a page of its own, so few rows find theirs in any cache: with 4, 8
 * and 16 MiB, 1,000, 3,000, 6,000 and 50,000 series take the same CPU (measured).
 */
const cacheKib = 8_192
/** Pages: less than 8 MiB is left for what comes next. */
const worthVacuum = 2_048

/** What became of lines: rows before the first day kept, and lines that are none, are refused. */
export interface LinesWritten {
  readonly kept: number
  readonly tooOld: number
  readonly malformed: number
}

/**
 * Samples in one SQLite file: a dictionary of series, and a table a measurement and UTC day (`interface_20513`, some weeks
 * of days where there is one row a day) keyed by series and time, so that a day is dropped at once and one series of a
 * day lies together. A commit survives a killed process; a power cut may cost the last seconds
 * (synchronous=NORMAL), which a spool may send again.
 */
export class SampleFile {
  readonly #db: DatabaseSync
  readonly #inserts = new Map<string, StatementSync>()
  readonly #decoder: LineDecoder
  readonly #reader: SampleReader
  readonly #tidier: DayTidier
  /** The statement of the last row, by its measurement and day: most rows follow one of the same. */
  #last:
    | { readonly measurement: Measurement; readonly day: number; readonly insert: StatementSync }
    | undefined
  #keptFromDay = 0
  #findSeries: StatementSync | undefined
  #addSeries: StatementSync | undefined

  /** Throws what node:sqlite throws: the file is damaged, the disk full, or the folder not ours. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    this.#decoder = new LineDecoder({
      seriesId: (measurement, tags) => this.#idOf(measurement, tags),
      insert: (measurement, day, row) => this.#insert(measurement, day, row),
    })
    this.#reader = new SampleReader(this.#db)
    try {
      this.#db.exec(`PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
        PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=67108864;
        PRAGMA cache_size=-${cacheKib}; PRAGMA wal_autocheckpoint=8000;
        CREATE TABLE IF NOT EXISTS series (
          id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags))`)
      this.#check()
      this.#renewOldTables()
      this.#tidier = new DayTidier({
        db: this.#db,
        create: (name, { measurement }) => this.#create(name, measurement),
        forget: () => this.#forgetStatements(),
      })
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** One transaction. A row that is there keeps the fields that the new one lacks, as InfluxDB does. */
  write(lines: Buffer, keepFromDay: number): LinesWritten {
    let written: LinesWritten
    // The tidier is told of each table once a write.
    this.#last = undefined
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
    return this.#reader.query(query)
  }

  /** @throws FaultlineError REQUEST_INVALID when there are more rows than the limit. */
  columns(query: CheckedColumns): PackedColumns {
    return this.#reader.columns(query)
  }

  /**
   * One step of the work on days before `today` and the day before that, which may still get late samples; false when
   * none is left.
   */
  tidy(today: number): boolean {
    if (this.#tidier.step(today - 1)) return true
    // What was freed is given back a part at a time.
    if (Number(this.#db.prepare('PRAGMA freelist_count').get()?.freelist_count) < worthVacuum) return false
    this.#db.exec(`PRAGMA incremental_vacuum(${worthVacuum})`)
    return true
  }

  close(): void {
    this.#db.close()
  }

  /** Touches the dictionary and the root of each table, so that most damage is found now and not at the first write. */
  #check(): void {
    this.#db.prepare('SELECT count(*) FROM series').get()
    for (const { name } of tablesIn(this.#db)) this.#db.prepare(`SELECT 1 FROM "${name}" LIMIT 1`).get()
  }

  #insert(measurement: Measurement, day: number, row: readonly StoredValue[]): void {
    if (this.#last?.day !== day || this.#last.measurement !== measurement)
      this.#last = { measurement, day, insert: this.#insertInto(measurement, day) }
    this.#last.insert.run(...row)
  }

  /** A table without rows. */
  #create(name: string, measurement: Measurement): void {
    const columns = [...fieldsOf(measurement)].map(([field, kind]) => `"${field}" ${columnTypes[kind]}`)
    this.#db.exec(`CREATE TABLE IF NOT EXISTS "${name}" (key INTEGER PRIMARY KEY, ${columns.join(', ')})`)
  }

  #insertInto(measurement: Measurement, day: number): StatementSync {
    const table = tableNameOf(measurement, day)
    this.#tidier.touch(table)
    const known = this.#inserts.get(table)
    if (known !== undefined) return known
    const fields = [...fieldsOf(measurement)]
    this.#create(table, measurement)
    // A table that an older version began today lacks the fields that are new in this one.
    const present = columnsOf(this.#db, table)
    for (const [field, kind] of fields)
      if (!present.has(field))
        this.#db.exec(`ALTER TABLE "${table}" ADD COLUMN "${field}" ${columnTypes[kind]}`)
    const names = fields.map(([name]) => `"${name}"`)
    const statement = this.#db.prepare(
      `INSERT INTO "${table}" (key, ${names.join(', ')}) VALUES (?${', ?'.repeat(names.length)})
        ON CONFLICT DO UPDATE SET ${names.map((n) => `${n} = coalesce(excluded.${n}, ${n})`).join(', ')}`,
    )
    // Late samples reach back some days; thousands of prepared statements would serve nobody.
    if (this.#inserts.size >= 200) this.#inserts.clear()
    this.#inserts.set(table, statement)
    return statement
  }

  #idOf(measurement: Measurement, tags: string): number {
    this.#findSeries ??= this.#db.prepare('SELECT id FROM series WHERE measurement = ? AND tags = ?')
    this.#addSeries ??= this.#db.prepare('INSERT INTO series (measurement, tags) VALUES (?, ?) RETURNING id')
    const row = this.#findSeries.get(measurement, tags) ?? this.#addSeries.get(measurement, tags)
    const id = Number(row?.id)
    if (id >= mostSeriesIds) throw new FaultlineError('STORE_REJECTED', 'embedded store: too many series')
    return id
  }

  #dropDaysBefore(day: number): void {
    const old = tablesIn(this.#db).filter((table) => !reaches(table, day, Number.POSITIVE_INFINITY))
    this.#forgetStatements()
    for (const { name } of old) {
      this.#tidier.touch(name)
      this.#db.exec(`DROP TABLE "${name}"`)
    }
    if (old.length > 0) this.#db.exec('PRAGMA incremental_vacuum')
    this.#keptFromDay = day
  }

  #forgetStatements(): void {
    this.#inserts.clear()
    this.#last = undefined
  }

  /** Tables of earlier formats had series and time in columns, and rates as they were: one transaction each, once. */
  #renewOldTables(): void {
    for (const { name, measurement, day } of tablesIn(this.#db)) {
      const columns = columnsOf(this.#db, name)
      if (!columns.has('series')) continue
      const isFirst = columns.has('at')
      const kept = [...fieldsOf(measurement)].filter(([field]) => columns.has(field))
      const values = kept.map(([field, kind]) =>
        isFirst && kind === 'thousandths' ? `round("${field}" * 1000)` : `"${field}"`,
      )
      const key = `series * ${keyFactor} + ${isFirst ? `at - ${day * dayMs}` : 'ms'}`
      this.#db.exec(`BEGIN IMMEDIATE; ALTER TABLE "${name}" RENAME TO "old ${name}"`)
      this.#create(name, measurement)
      this.#db.exec(`INSERT INTO "${name}" (${['key', ...kept.map(([field]) => `"${field}"`)].join(', ')})
          SELECT ${[key, ...values].join(', ')} FROM "old ${name}" ORDER BY 1;
        DROP TABLE "old ${name}"; COMMIT`)
    }
  }
}

export const firstDayKept = (now: number, retentionDays: number): number => dayOf(now - retentionDays * dayMs)
