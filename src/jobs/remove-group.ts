import { portions } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { isUnchanged, type OldGroup } from './old-group.ts'

const rowsOf = ({ numDeletedRows }: { readonly numDeletedRows: bigint }): number => Number(numDeletedRows)

/** Messages that no other one answers or is covered by. */
async function freeMessages(tx: StateTx, incidents: readonly string[], limit: number) {
  const rows = await tx
    .selectFrom('notification as one')
    .select('one.id')
    .where('one.incident', 'in', incidents)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('notification as other').select('other.id').whereRef('other.answers', '=', 'one.id'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('notification as other').select('other.id').whereRef('other.covered_by', '=', 'one.id'),
        ),
      ),
    )
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

async function removeMessages(tx: StateTx, incidents: readonly string[], limit: number): Promise<number> {
  let removed = 0
  for (let before = -1; removed > before; ) {
    before = removed
    for (const some of portions(incidents)) {
      if (removed >= limit) return removed
      const ids = await freeMessages(tx, some, Math.min(limit - removed, 400))
      if (ids.length === 0) continue
      const tries = tx.deleteFrom('notification_attempt').where('notification', 'in', ids)
      removed += rowsOf(await tries.executeTakeFirstOrThrow())
      removed += rowsOf(await tx.deleteFrom('notification').where('id', 'in', ids).executeTakeFirstOrThrow())
    }
  }
  return removed
}

async function removeReport(tx: StateTx, id: string): Promise<number> {
  const matches = tx.deleteFrom('report_match').where('report', '=', id)
  const events = tx.deleteFrom('fault_report_event').where('report', '=', id)
  const report = tx.deleteFrom('fault_report').where('id', '=', id)
  return (
    rowsOf(await matches.executeTakeFirstOrThrow()) +
    rowsOf(await events.executeTakeFirstOrThrow()) +
    rowsOf(await report.executeTakeFirstOrThrow())
  )
}

/** With its whole log: half a log is the log of nothing. */
async function removeIncident(tx: StateTx, id: string): Promise<number> {
  const events = tx.deleteFrom('incident_event').where('incident', '=', id)
  const incident = tx.deleteFrom('incident').where('id', '=', id)
  return rowsOf(await events.executeTakeFirstOrThrow()) + rowsOf(await incident.executeTakeFirstOrThrow())
}

/**
 * Removes about `limit` rows of a group in one transaction: messages, then reports, then incidents, so that no row refers
 * to one that is gone. `done`: all of it is gone, or it was changed meanwhile and what is left stays.
 */
export const removeSlice = (
  db: StateDb,
  group: OldGroup,
  limit: number,
): Promise<{ readonly rows: number; readonly done: boolean }> =>
  db.transaction().execute(async (tx) => {
    if (!(await isUnchanged(tx, group))) return { rows: 0, done: true }
    let rows = await removeMessages(tx, [...group.incidents.keys()], limit)
    for (const id of group.reports.keys()) {
      if (rows >= limit) return { rows, done: false }
      rows += await removeReport(tx, id)
    }
    for (const id of group.incidents.keys()) {
      if (rows >= limit) return { rows, done: false }
      rows += await removeIncident(tx, id)
    }
    return { rows, done: true }
  })
