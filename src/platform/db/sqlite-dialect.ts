import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type Dialect, SqliteAdapter, SqliteDialect } from 'kysely'
import { FaultlineError, messageOf } from '../errors.ts'

/**
 * Primary result codes (sqlite.org/rescode.html) that are about the file or the disk, and not about the statement: BUSY,
 * LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
 */
const troubles: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 26])

const isTrouble = (error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  troubles.has(error.errcode & 0xff)

/** Does it, and says STATE_UNAVAILABLE when the store and not the statement is to blame. */
function tried<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isTrouble(error)) throw error
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

/**
 * Kysely's own SQLite dialect over node:sqlite. WAL with synchronous=FULL: a commit that returned survives a power cut.
 * The busy time-out lets a command (`faultline token create`) write while the daemon runs.
 */
export function nodeSqliteDialect(path: string): Dialect {
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF',
  )
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
  return new NodeSqliteDialect({
    database: {
      close: () => database.close(),
      prepare: (sql) => {
        // A full disk ends a transaction by itself (sqlite.org/lang_transaction.html); an error about the rollback that
        // follows would hide the reason.
        if (sql === 'rollback' && !database.isTransaction) return { ...nothing, iterate: () => [].values() }
        const { statement, reader } = tried(() => prepared(sql))
        return {
          reader,
          all: (parameters) => tried(() => statement.all(...(parameters as SQLInputValue[]))),
          run: (parameters) => tried(() => statement.run(...(parameters as SQLInputValue[]))),
          iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
        }
      },
    },
  })
}
