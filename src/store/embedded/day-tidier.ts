import type { DatabaseSync } from 'node:sqlite'
import { columnsOf, reaches, type SampleTable, tablesIn } from './sample-tables.ts'

/** A table under way. A name that no sample table has, so that a copy that was left half done is never read. */
const copyName = 'being tidied'
/** Rows a step: some ten milliseconds. */
const rowsAtOnce = 20_000

interface Copying {
  readonly table: SampleTable
  /** Every row up to this key was copied. */
  after: number
}

interface TidierDeps {
  readonly db: DatabaseSync
  /** Makes an empty table for the rows of that one. */
  create(name: string, table: SampleTable): void
  /** A table is no longer what statements were prepared for. */
  forget(): void
}

/**
 * Writes the tables of days that are over anew, in the order of their keys. Rows come in the order of time and fill
 * pages to 85 %; a sixth of the room goes, and a series of a day lies together on the disk too. In small steps, so that
 * writes and queries find a moment between two of them. A round is over when no table is left to be done; one that got
 * rows since the last round, and may get more, waits for the next.
 */
export class DayTidier {
  readonly #deps: TidierDeps
  readonly #touched = new Set<string>()
  #copying: Copying | undefined

  constructor(deps: TidierDeps) {
    this.#deps = deps
    deps.db.exec(
      `DROP TABLE IF EXISTS "${copyName}"; CREATE TABLE IF NOT EXISTS tidied (name TEXT PRIMARY KEY) WITHOUT ROWID`,
    )
  }

  /** One step of a round over the days before `day`; false when it is over. */
  step(day: number): boolean {
    const { db } = this.#deps
    this.#copying ??= this.#begin(day)
    const copying = this.#copying
    if (copying === undefined) {
      this.#touched.clear()
      return false
    }
    db.exec('BEGIN IMMEDIATE')
    try {
      if (this.#copySome(copying)) this.#finish(copying)
      db.exec('COMMIT')
    } catch (error) {
      this.#copying = undefined
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
    return true
  }

  /** A row comes for that table, or it goes. */
  touch(table: string): void {
    this.#touched.add(table)
    if (this.#copying?.table.name === table) this.#copying = undefined
  }

  #begin(day: number): Copying | undefined {
    const { db, create } = this.#deps
    const tidied = new Set(
      db
        .prepare('SELECT name FROM tidied')
        .all()
        .map(({ name }) => String(name)),
    )
    const table = tablesIn(db).find(
      (one) =>
        !tidied.has(one.name) && !this.#touched.has(one.name) && !reaches(one, day, Number.POSITIVE_INFINITY),
    )
    if (table === undefined) return undefined
    db.exec(`DROP TABLE IF EXISTS "${copyName}"`)
    create(copyName, table)
    return { table, after: -1 }
  }

  /** True when nothing is left. */
  #copySome(copying: Copying): boolean {
    const { db } = this.#deps
    const { table, after } = copying
    const far = db
      .prepare(`SELECT key FROM "${table.name}" WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?`)
      .get(after, rowsAtOnce)
    const until = far === undefined ? Number.MAX_SAFE_INTEGER : Number(far.key)
    const columns = [...columnsOf(db, table.name)].map((name) => `"${name}"`).join(', ')
    db.prepare(
      `INSERT INTO "${copyName}" (${columns}) SELECT ${columns} FROM "${table.name}"
        WHERE key > ? AND key <= ? ORDER BY key`,
    ).run(after, until)
    copying.after = until
    return far === undefined
  }

  #finish({ table: { name } }: Copying): void {
    const { db, forget } = this.#deps
    this.#copying = undefined
    forget()
    db.exec(`DROP TABLE "${name}"; ALTER TABLE "${copyName}" RENAME TO "${name}"`)
    db.prepare('INSERT INTO tidied (name) VALUES (?)').run(name)
    // What was dropped long ago need not be remembered.
    db.exec("DELETE FROM tidied WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table')")
  }
}
