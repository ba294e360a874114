import { appendFileSync } from 'node:fs'
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

/** What was about to be on disk, or has just come there. */
export type BoundaryKind = 'commit' | 'committed' | 'sync' | 'synced' | 'mail' | 'mailed'

const writes = /^\s*(insert|update|delete)\b/i

/**
 * Calls `reached` before and after everything that this process makes durable: transactions and single statements that
 * write to SQLite, syncs of files, and messages that leave by the mailbox (each of those is a line in `sentFile` too).
 * It wraps what Node has, so that the program itself needs no hooks.
 */
export async function watchWrites(reached: (kind: BoundaryKind) => void, sentFile: string): Promise<void> {
  watchSqlite(reached)
  await watchFiles(reached)
  const { rename } = fs
  fs.rename = async (from, to) => {
    const isMail = String(to).endsWith('.eml')
    if (isMail) reached('mail')
    await rename(from, to)
    if (!isMail) return
    appendFileSync(sentFile, `${String(to).split('/').at(-1)}\n`)
    reached('mailed')
  }
  syncBuiltinESMExports()
}

function watchSqlite(reached: (kind: BoundaryKind) => void): void {
  const { prepare } = DatabaseSync.prototype
  const dirty = new WeakSet<DatabaseSync>()

  function watched(database: DatabaseSync, sql: string, statement: StatementSync): StatementSync {
    const isCommit = /^\s*commit\b/i.test(sql)
    if (!isCommit && !writes.test(sql)) return statement
    const around = <T>(work: () => T): T => {
      const isBoundary = isCommit ? dirty.delete(database) : !database.isTransaction
      if (!isCommit && database.isTransaction) dirty.add(database)
      if (isBoundary) reached('commit')
      const result = work()
      if (isBoundary) reached('committed')
      return result
    }
    for (const name of ['run', 'all'] as const) {
      const original = statement[name]
      const value = (...values: unknown[]) => around(() => Reflect.apply(original, statement, values))
      Object.defineProperty(statement, name, { value })
    }
    return statement
  }
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string, ...more) {
    return watched(this, sql, prepare.call(this, sql, ...more))
  }
}

async function watchFiles(reached: (kind: BoundaryKind) => void): Promise<void> {
  const any = await fs.open(fileURLToPath(import.meta.url))
  const prototype: FileHandle = Object.getPrototypeOf(any)
  await any.close()
  for (const name of ['datasync', 'sync'] as const) {
    const original = prototype[name]
    prototype[name] = async function (this: FileHandle) {
      reached('sync')
      await original.call(this)
      reached('synced')
    }
  }
}
