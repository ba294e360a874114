import { appendFileSync } from 'node:fs'
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

/** What is about to be on disk, or has just come there. */
export type BoundaryKind =
  `${'before' | 'after'} ${'commit' | 'write' | 'sync' | 'rename' | 'removal' | 'mail'}`

type Reached = (kind: BoundaryKind) => void
type Work = BoundaryKind extends `${string} ${infer Name}` ? Name : never

const writes = /^\s*(insert|update|delete|create|alter|drop)\b/i
const commits = /^\s*commit\b/i

/**
 * Calls `reached` before and after everything in this thread that another process would find on the disk: transactions
 * and single statements that write to SQLite; files written, synced, cut, renamed and removed; messages that leave by the
 * mailbox. Each message is a line in `sent.log` beside the mailbox too, so that one that leaves twice is seen. It wraps
 * what Node has, so that the program itself needs no hooks.
 */
export async function watchWrites(reached: Reached): Promise<void> {
  watchSqlite(reached)
  await watchFiles(reached)
}

function watchSqlite(reached: Reached): void {
  const { prepare, exec } = DatabaseSync.prototype
  const dirty = new WeakSet<DatabaseSync>()

  function around<T>(database: DatabaseSync, sql: string, work: () => T): T {
    const isCommit = commits.test(sql)
    if (!isCommit && database.isTransaction) dirty.add(database)
    if (isCommit ? !dirty.delete(database) : database.isTransaction) return work()
    reached('before commit')
    const result = work()
    reached('after commit')
    return result
  }
  function watched(database: DatabaseSync, sql: string, statement: StatementSync): StatementSync {
    if (!commits.test(sql) && !writes.test(sql)) return statement
    for (const name of ['run', 'all', 'get'] as const) {
      const original = statement[name]
      const value = (...values: unknown[]) =>
        around(database, sql, () => Reflect.apply(original, statement, values))
      Object.defineProperty(statement, name, { value })
    }
    return statement
  }
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string, ...more) {
    return watched(this, sql, prepare.call(this, sql, ...more))
  }
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    if (commits.test(sql) || writes.test(sql)) around(this, sql, () => exec.call(this, sql))
    else exec.call(this, sql)
  }
}

async function watchFiles(reached: Reached): Promise<void> {
  const around = async <T>(work: Work, done: () => Promise<T>): Promise<T> => {
    reached(`before ${work}`)
    const result = await done()
    reached(`after ${work}`)
    return result
  }
  const any = await fs.open(fileURLToPath(import.meta.url))
  const prototype: FileHandle = Object.getPrototypeOf(any)
  await any.close()
  const wrap = <Name extends string>(
    target: { [name in Name]: (...values: never[]) => Promise<unknown> },
    name: Name,
    work: Work,
  ) => {
    const original = target[name]
    const value = function (this: unknown, ...values: unknown[]) {
      return around(work, () => Reflect.apply(original, this, values))
    }
    Object.defineProperty(target, name, { value, writable: true, configurable: true })
  }
  for (const name of ['datasync', 'sync'] as const) wrap(prototype, name, 'sync')
  for (const name of ['write', 'writev', 'writeFile', 'truncate'] as const) wrap(prototype, name, 'write')
  for (const name of ['writeFile', 'truncate'] as const) wrap(fs, name, 'write')
  for (const name of ['rm', 'unlink'] as const) wrap(fs, name, 'removal')
  const { rename } = fs
  fs.rename = async (from, to) => {
    const file = String(to)
    const isMail = file.endsWith('.eml')
    await around(isMail ? 'mail' : 'rename', async () => {
      await rename(from, to)
      if (isMail) appendFileSync(join(dirname(file), '../sent.log'), `${basename(file)}\n`)
    })
  }
  syncBuiltinESMExports()
}
