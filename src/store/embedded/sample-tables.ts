import type { DatabaseSync } from 'node:sqlite'
import { type Measurement, measurements } from '../../model/measurements.ts'
import { dailyMeasurements } from '../measurement-fields.ts'

/** A table of one measurement and some UTC days, `interface_20513`, named after the first of them. */
export interface SampleTable {
  readonly name: string
  readonly measurement: Measurement
  readonly day: number
}

const tableName = /^(.+)_(\d{1,6})$/

/** Daily rows of some weeks lie together, so that a report finds them at once. */
const daysTogether = 24

const widthOf = (measurement: Measurement): number => (dailyMeasurements.has(measurement) ? daysTogether : 1)

/** The first day of the table that holds the rows of a day. */
export const tableDayOf = (measurement: Measurement, day: number): number =>
  day - (day % widthOf(measurement))

export const tableNameOf = (measurement: Measurement, day: number): string =>
  `${measurement}_${tableDayOf(measurement, day)}`

/** All of them, in the order of time. */
export const tablesIn = (db: DatabaseSync): readonly SampleTable[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
    .flatMap((row) => {
      const [name, measurement = '', day] = tableName.exec(String(row.name)) ?? []
      return name !== undefined && isMeasurement(measurement) ? [{ name, measurement, day: Number(day) }] : []
    })
    .toSorted((a, b) => a.day - b.day)

/** Whether a table may hold rows of these days, both included. */
export const reaches = ({ measurement, day }: SampleTable, first: number, last: number): boolean =>
  day <= last && day + widthOf(measurement) > first

export const columnsOf = (db: DatabaseSync, table: string): ReadonlySet<string> =>
  new Set(
    db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => String(name)),
  )

/**
 * A row's key is its series times this, plus the ms since its table began: SQLite keeps a whole number as key in less
 * room than two columns. More ms than any table has; with as many series as the next number a key is still exact.
 */
export const keyFactor = 2 ** 31
export const mostSeriesIds = 2 ** 22

const isMeasurement = (name: string): name is Measurement => Object.hasOwn(measurements, name)
