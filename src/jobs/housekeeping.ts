import { sql } from 'kysely'
import type { Clock } from '../platform/clock.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import type { Logger } from '../platform/logger.ts'
import { removeOldState } from './remove-old-state.ts'

export interface HousekeepingDeps {
  readonly db: StateDb
  readonly clock: Clock
  readonly log: Logger
  /** What is over is kept for so long, ms. */
  readonly retentionMs: number
  /** The daemon closes. */
  readonly signal: AbortSignal
}

/** Between two slices, ms: the daemon has better things to do, even at night. */
const pauseMs = 20

/**
 * Nightly care of the state store: what is old goes; fresh statistics for the query planner; and the write-ahead log
 * folded into the file, which otherwise stays as large as it was in the worst storm. The file itself does not shrink: what
 * is free in it is used again.
 */
export async function housekeeping({ db, clock, log, retentionMs, signal }: HousekeepingDeps): Promise<void> {
  const pause = () => clock.sleep(pauseMs, signal)
  const removed = await removeOldState({ db, pause, signal }, clock.now() - retentionMs)
  if (removed.rows > 0) log.info(removed, 'old state removed')
  await sql`PRAGMA optimize`.execute(db)
  await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db)
  log.info('state store tidied')
}
