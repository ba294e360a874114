import { sql } from 'kysely'
import { countsAsTold, notificationStates } from '../model/notification.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { toRow } from './ledger-columns.ts'
import type { LedgerRow } from './ledger-row.ts'
import type { AttemptOutcome } from './next-try.ts'
import { seesSince } from './sees-since.ts'
import type { UnmeasuredIncidents } from './unmeasured-incidents.ts'

/** A row that is being sent, and how earlier attempts ended. */
export interface Claim {
  readonly row: LedgerRow
  readonly attempts: readonly AttemptOutcome[]
}

const told = notificationStates.filter(countsAsTold)

/**
 * What was queued at a time that is still to come was queued before the clock was set back. It begins its wait again: else
 * it would wait so much longer.
 */
async function waitAnew(tx: StateTx, now: number): Promise<void> {
  const ahead = await tx
    .selectFrom('notification')
    .select(['id', 'due_at', 'updated_at'])
    .where('state', '=', 'queued')
    .where('updated_at', '>', now)
    .execute()
  for (const { id, due_at, updated_at } of ahead)
    await tx
      .updateTable('notification')
      .set({ due_at: now + Math.max(0, due_at - updated_at), updated_at: now })
      .where('id', '=', id)
      .execute()
}

/**
 * Takes up to `limit` rows that are due and marks them `sending`, on disk before anything is sent. Of one customer in
 * one incident one row at a time, a restored message only once the outage message is known to have been told, and
 * nothing at all while the vantage is blind: until it is restored, since from then on it is known what is true. The same
 * for one incident while nothing of it is measured.
 */
export function claimDue(
  db: StateDb,
  now: number,
  limit: number,
  unmeasured: UnmeasuredIncidents = async () => [],
): Promise<readonly Claim[]> {
  return db.transaction().execute(async (tx) => {
    if ((await seesSince(tx)) === undefined) return []
    await waitAnew(tx, now)
    const waiting = JSON.stringify(await unmeasured(tx))
    const due = await tx
      .selectFrom('notification as n')
      .selectAll('n')
      .where('n.state', '=', 'queued')
      .where('n.due_at', '<=', now)
      .where('n.incident', 'not in', sql<string>`(select value from json_each(${waiting}))`)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('notification as other')
              .select('other.id')
              .whereRef('other.incident', '=', 'n.incident')
              .whereRef('other.customer', '=', 'n.customer')
              .where('other.state', '=', 'sending'),
          ),
        ),
      )
      .where((where) =>
        where.or([
          where('n.answers', 'is', null),
          where.exists(
            where
              .selectFrom('notification as outage')
              .select('outage.id')
              .whereRef('outage.id', '=', 'n.answers')
              .where('outage.state', 'in', told),
          ),
        ]),
      )
      .orderBy('n.due_at')
      .orderBy('n.id')
      .limit(limit)
      .execute()
    if (due.length === 0) return []
    // One at a time also within this batch: the later one stays for the next claim.
    const first = new Map(due.toReversed().map((row) => [JSON.stringify([row.incident, row.customer]), row]))
    const rows = due.filter((row) => first.get(JSON.stringify([row.incident, row.customer])) === row)
    const ids = rows.map((row) => row.id)
    await tx
      .updateTable('notification')
      .set({ state: 'sending', updated_at: now })
      .where('id', 'in', ids)
      .where('state', '=', 'queued')
      .execute()
    const attempts = await tx
      .selectFrom('notification_attempt')
      .select(['notification', 'outcome'])
      .where('notification', 'in', ids)
      .orderBy('id')
      .execute()
    return rows.map((row) => ({
      row: { ...toRow(row), state: 'sending' as const, updatedAt: now },
      attempts: attempts
        .filter(({ notification }) => notification === row.id)
        .map(({ outcome }): AttemptOutcome => (outcome === 'refused' ? 'refused' : 'retry')),
    }))
  })
}
