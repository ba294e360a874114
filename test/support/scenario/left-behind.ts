import { cpSync, existsSync, globSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { keyFactor, tablesIn } from '../../../src/store/embedded/sample-tables.ts'

/** One field of one stored sample. */
export interface StoredValue {
  readonly at: number
  /** Measurement, tags, time and field. */
  readonly name: string
  readonly value: unknown
  /** And not told of an alarm or an incident. */
  readonly isMeasured: boolean
}

/** What a folder of a daemon holds for good, in words of its own. */
export interface LeftBehind {
  /** Rows that only ever come: logs whole, and the ids of what has a state. */
  readonly facts: ReadonlySet<string>
  readonly samples: ReadonlyMap<string, StoredValue>
}

const logs = [
  'incident_event',
  'fault_report_event',
  'alarm_transition',
  'notification_attempt',
  'maintenance_window_event',
  'audit',
]
const things = ['alarm', 'incident', 'fault_report', 'notification', 'maintenance_window']
const dayMs = 86_400_000

/** Reads a copy: opening a file of SQLite changes what a killed daemon left. */
export function leftBehind(folder: string): LeftBehind {
  const copy = `${folder}.read`
  for (const file of globSync(['state.db{,-wal,-shm}', 'samples/samples.sqlite{,-wal,-shm}'], {
    cwd: folder,
  }))
    cpSync(join(folder, file), join(copy, basename(file)))
  try {
    return {
      facts: reading(join(copy, 'state.db'), factsIn) ?? new Set(),
      samples: reading(join(copy, 'samples.sqlite'), samplesIn) ?? new Map(),
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function reading<T>(file: string, read: (db: DatabaseSync) => T): T | undefined {
  if (!existsSync(file)) return undefined
  const db = new DatabaseSync(file)
  try {
    return read(db)
  } finally {
    db.close()
  }
}

function factsIn(db: DatabaseSync): Set<string> {
  const tables = new Set(
    db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
  )
  const rows = (table: string, columns: string) =>
    tables.has(table) ? db.prepare(`SELECT ${columns} FROM ${table}`).all() : []
  return new Set([
    ...logs.flatMap((table) => rows(table, '*').map((row) => `${table} ${JSON.stringify(row)}`)),
    ...things.flatMap((table) => rows(table, 'id').map(({ id }) => `${table} ${id}`)),
  ])
}

function samplesIn(db: DatabaseSync): Map<string, StoredValue> {
  const series = new Map(
    db
      .prepare('SELECT id, tags FROM series')
      .all()
      .map(({ id, tags }) => [Number(id), String(tags)]),
  )
  const values = new Map<string, StoredValue>()
  for (const { name: table, measurement, day } of tablesIn(db)) {
    const isMeasured = measurement !== 'alarm' && measurement !== 'incident'
    for (const { key, ...fields } of db.prepare(`SELECT * FROM "${table}"`).all()) {
      const id = Math.floor(Number(key) / keyFactor)
      const at = day * dayMs + (Number(key) % keyFactor)
      for (const [field, value] of Object.entries(fields)) {
        if (value === null) continue
        const name = `${measurement} ${series.get(id)} ${at} ${field}`
        values.set(name, { at, name, value, isMeasured })
      }
    }
  }
  return values
}
