import { Kysely, type Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import { FaultlineError, messageOf } from '../errors.ts'
import { migrations } from './migrations.ts'
import { makePrivateFile } from './private-file.ts'
import type { Database } from './schema.ts'
import { nodeSqliteDialect } from './sqlite-dialect.ts'

/** The state store, or one transaction of it. What reads or writes takes this, so that it can join a transaction. */
export type StateDb = Kysely<Database>
/** An open state store as a whole. */
export type StateStore = StateDb & {
  /** Why nothing that is written is kept; undefined when all is. Costs a look at the file, after a failure a small write. */
  readonly problem: () => string | undefined
}
export type StateTx = Transaction<Database>

/**
 * Opens the state store and brings it up to date; a new one is readable for us alone, since it holds what customers
 * said. `:memory:` is for tests.
 * @throws FaultlineError STATE_UNAVAILABLE when it cannot be opened, is damaged, or was written by a newer version.
 */
export async function openStateDb(path: string): Promise<StateStore> {
  try {
    if (path !== ':memory:') makePrivateFile(path)
    const { dialect, health } = nodeSqliteDialect(path)
    const db = new Kysely<Database>({ dialect })
    const { error } = await new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    }).migrateToLatest()
    if (error) {
      await db.destroy()
      throw error
    }
    return Object.assign(db, { problem: health.problem })
  } catch (error) {
    throw new FaultlineError(
      'STATE_UNAVAILABLE',
      `the state store at ${path} (state.path) could not be opened: ${messageOf(error instanceof FaultlineError ? error.cause : error)}`,
      { path },
      { cause: error },
    )
  }
}
