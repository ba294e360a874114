import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type Dialect, SqliteAdapter, SqliteDialect } from 'kysely'
import { FaultlineError, messageOf } from '../errors.ts'
import { createWriteHealth, type WriteHealth } from './write-health.ts'

/**
 * Primary result codes (sqlite.org/rescode.html) that are about the file or the disk, and not about the statement: BUSY,
 * LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
 */
const troubles: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 26])

/** Those of them that pass by themselves: someone else writes (BUSY, LOCKED). */
const passing: ReadonlySet<number> = new Set([5, 6])

const codeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0

/** Does it, and says STATE_UNAVAILABLE when the store and not the statement is to blame. */
function tried<T>(work: () => T, onFailure: (message: string) => void = () => {}): T {
  try {
    return work()
  } catch (error) {
    const code = codeOf(error)
    if (!troubles.has(code)) throw error
    if (!passing.has(code)) onFailure(messageOf(error))
    const message = `the state store cannot be used: ${messageOf(error)}`
    throw new FaultlineError('STATE_UNAVAILABLE', message, {}, { cause: error })
  }
}

// What Kysely's rollback finds when the transaction is over already.
const nothing = { reader: false, all: () => [], run: () => ({ changes: 0, lastInsertRowid: 0 }) }

/**
 * SQLite takes back what was done to tables too, and Kysely does not count on it: without this a process that is killed
 * in the middle of a migration leaves half of it behind, and no later one can open the store.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

interface Prepared {
  readonly statement: StatementSync
  /** It gives rows. */
  readonly reader: boolean
}

/** What writes nothing by itself. */
const isHarmless = (sql: string): boolean => /^(select|begin|rollback|pragma)\b/i.test(sql)

export interface OpenDialect {
  readonly dialect: Dialect
  readonly health: Pick<WriteHealth, 'problem'>
}

/**
 * Kysely's own SQLite dialect over node:sqlite. WAL with synchronous=FULL: a commit that returned survives a power cut.
 * The busy time-out lets a command (`faultline token create`) write while the daemon runs. A file that was taken away while
 * it was open takes no write and no commit any more.
 */
export function nodeSqliteDialect(path: string): OpenDialect {
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF',
  )
  const health = createWriteHealth(path, () => {
    if (database.isTransaction) return false
    // Nobody uses this number; that it is written is what counts.
    database.exec('PRAGMA user_version=0')
    return true
  })
  /** The transaction under way has changed something. */
  let changed = false
  const written = <T>(work: () => T, changes: (result: T) => boolean): T => {
    health.assertInPlace()
    const result = tried(work, health.noteFailure)
    changed ||= changes(result)
    if (!database.isTransaction) {
      if (changed) health.noteSuccess()
      changed = false
    }
    return result
  }
  const statements = new Map<string, Prepared>()
  const prepared = (sql: string): Prepared => {
    const known = statements.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    // Asked once: it costs as much as a short query.
    const made = { statement, reader: statement.columns().length > 0 }
    // Queries with long value lists are all different; a small cache keeps the common ones and cannot grow for ever.
    if (statements.size >= 500) statements.clear()
    statements.set(sql, made)
    return made
  }
  const dialect = new NodeSqliteDialect({
    database: {
      close: () => database.close(),
      prepare: (sql) => {
        // A full disk ends a transaction by itself (sqlite.org/lang_transaction.html); an error about the rollback that
        // follows would hide the reason.
        if (sql === 'rollback') changed = false
        if (sql === 'rollback' && !database.isTransaction) return { ...nothing, iterate: () => [].values() }
        const { statement, reader } = tried(() => prepared(sql))
        const all = (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[]))
        const run = (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[]))
        // A transaction that only read has nothing to lose.
        const keepsNothing = isHarmless(sql) || (sql === 'commit' && !changed)
        return {
          reader,
          all: (parameters) =>
            keepsNothing
              ? tried(() => all(parameters))
              : written(
                  () => all(parameters),
                  (rows) => rows.length > 0,
                ),
          run: (parameters) =>
            keepsNothing
              ? tried(() => run(parameters))
              : written(
                  () => run(parameters),
                  ({ changes }) => changes > 0,
                ),
          iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
        }
      },
    },
  })
  return { dialect, health }
}
