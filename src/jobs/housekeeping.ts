import { sql } from 'kysely'
import type { StateDb } from '../platform/db/state-db.ts'
import type { Logger } from '../platform/logger.ts'

/**
 * Nightly care of the state store: fresh statistics for the query planner, and the write-ahead log folded into the
 * file, which otherwise stays as large as it was in the worst storm.
 */
export async function housekeeping(db: StateDb, log: Logger): Promise<void> {
  await sql`PRAGMA optimize`.execute(db)
  await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db)
  log.info('state store tidied')
}
