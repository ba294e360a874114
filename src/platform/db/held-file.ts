import { DatabaseSync } from 'node:sqlite'
import { makePrivateFile } from './private-file.ts'

/** SQLITE_BUSY (sqlite.org/rescode.html): someone else holds the lock. */
const busy = 5

/**
 * Holds a file, which is made when it is missing, against every other process. The lock is SQLite's own, so that it ends
 * with its process, however that ends: a file that a killed process left behind holds nobody up. Returns how to let go;
 * `taken` when another process has it. Throws what the file system throws when the file cannot be made.
 */
export function holdFile(file: string): (() => void) | 'taken' {
  makePrivateFile(file)
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    // Nothing is ever written, so no journal is needed on the disk, which may be full.
    lock.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE')
    return () => lock.close()
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return 'taken'
    throw error
  }
}
