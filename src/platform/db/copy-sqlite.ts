import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { FaultlineError, messageOf } from '../errors.ts'
import { makePrivateFile } from './private-file.ts'

/**
 * Copies an SQLite file, also one that is being written: as it was at one moment, which holds no writer up (VACUUM INTO,
 * sqlite.org/lang_vacuum.html). The copy is checked whole before it gets its name, and only we may read it.
 * @throws FaultlineError STATE_UNAVAILABLE when there is something at `to` already, or either file fails.
 */
export function copySqlite(from: string, to: string): void {
  const partial = `${to}.partial`
  const unavailable = (why: string, cause?: unknown) =>
    new FaultlineError('STATE_UNAVAILABLE', `${from} could not be copied to ${to}: ${why}`, {}, { cause })
  if (existsSync(to)) throw unavailable('there is something already')
  if (!existsSync(from)) throw unavailable('there is no such file')
  try {
    rmSync(partial, { force: true })
    makePrivateFile(partial)
    withDatabase(from, (db) => db.prepare('VACUUM INTO ?').run(partial))
    withDatabase(partial, (db) => {
      const [first] = db.prepare('PRAGMA integrity_check').all()
      if (first?.integrity_check !== 'ok') throw new Error(`the copy is damaged: ${first?.integrity_check}`)
    })
    const file = openSync(partial, 'r')
    fsyncSync(file)
    closeSync(file)
    renameSync(partial, to)
  } catch (error) {
    rmSync(partial, { force: true })
    throw unavailable(messageOf(error), error)
  }
}

function withDatabase(file: string, work: (db: DatabaseSync) => void): void {
  // Not read-only: what lies in the write-ahead log of a killed process belongs to it.
  const db = new DatabaseSync(file, { timeout: 5_000 })
  try {
    work(db)
  } finally {
    db.close()
  }
}
