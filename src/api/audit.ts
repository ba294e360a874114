import type { StateDb } from '../platform/db/state-db.ts'
import type { Caller } from './authenticate.ts'

/** Writes down who did what to what. `details` never hold names, words or addresses of customers. */
export async function audit(
  db: StateDb,
  caller: Pick<Caller, 'actor'>,
  action: string,
  subject: string,
  details: Readonly<Record<string, unknown>>,
  now: number,
): Promise<void> {
  await db
    .insertInto('audit')
    .values({ at: now, actor: caller.actor, action, subject, details_json: JSON.stringify(details) })
    .execute()
}
