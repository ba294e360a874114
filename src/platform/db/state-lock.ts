import { DatabaseSync } from 'node:sqlite'
import { FaultlineError, messageOf } from '../errors.ts'
import { makePrivateFile } from './private-file.ts'

/** SQLITE_BUSY (sqlite.org/rescode.html): someone else holds the lock. */
const busy = 5

/**
 * Keeps a second daemon away from a state store: two would both open incidents and both write to customers. The lock is
 * SQLite's own on a file beside the store, so that it ends with its process, however that ends, and that commands such
 * as `faultline token create` still reach the store. Returns how to let go.
 * @throws FaultlineError STATE_UNAVAILABLE when it is held already, or the file cannot be made.
 */
export function lockState(path: string): () => void {
  const file = `${path}.lock`
  let held: DatabaseSync | undefined
  try {
    makePrivateFile(file)
    const lock = new DatabaseSync(file, { timeout: 0 })
    held = lock
    // Nothing is ever written, so no journal is needed on the disk, which may be full.
    lock.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE')
    return () => lock.close()
  } catch (error) {
    held?.close()
    const taken = error instanceof Error && 'errcode' in error && error.errcode === busy
    throw new FaultlineError(
      'STATE_UNAVAILABLE',
      taken
        ? `another Faultline is running on the state store at ${path}`
        : `the lock of the state store at ${path} could not be had: ${messageOf(error)}`,
      { path },
      { cause: error },
    )
  }
}
