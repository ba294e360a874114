import type { CustomerId } from '../model/customer.ts'
import type { IncidentId } from '../model/incident.ts'
import {
  countsAsTold,
  type NotificationId,
  type NotificationState,
  notificationStates,
} from '../model/notification.ts'
import { beyond, decodeCursor, type Page, pageOf, rowsToAsk } from '../platform/db/cursor.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import { claimDue } from './claim-due.ts'
import { toKind, toRow, toState } from './ledger-columns.ts'
import type { LedgerRow } from './ledger-row.ts'
import { planInTransaction } from './plan-in-transaction.ts'
import { createRecorder, getRow, type RecordDeps } from './recorder.ts'

export interface LedgerFilter {
  readonly incident?: IncidentId
  readonly customer?: CustomerId
  readonly states?: readonly NotificationState[]
  readonly limit: number
  readonly cursor?: string
}

/**
 * The ledger of messages to customers, which is also the outbox. Every change of state names the state that it begins
 * from, so that a message which was withdrawn, or sent, never comes back.
 */
export function createLedger(deps: RecordDeps) {
  return {
    get: getRow,
    plan: planInTransaction,
    claimDue,
    ...createRecorder(deps),

    /** When the next row falls due after `now`; undefined when none waits for a time. */
    async nextDueAt(db: StateDb, now: number): Promise<number | undefined> {
      const row = await db
        .selectFrom('notification')
        .select('due_at')
        .where('state', '=', 'queued')
        .where('due_at', '>', now)
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst()
      return row?.due_at
    },

    /** Messages about an incident by kind and state, and how many customers were told of it. */
    async counts(db: StateDb, incident: IncidentId) {
      const of = db.selectFrom('notification').where('incident', '=', incident)
      const groups = await of
        .select(({ fn }) => ['kind', 'state', fn.countAll<number>().as('count')])
        .groupBy(['kind', 'state'])
        .orderBy('kind')
        .orderBy('state')
        .execute()
      const customers = await of
        .select(({ fn }) => fn.count<number>('customer').distinct().as('told'))
        .where('kind', '=', 'outage')
        .where('state', 'in', notificationStates.filter(countsAsTold))
        .executeTakeFirstOrThrow()
      const byKind = groups.map(({ kind, state, count }) => ({
        kind: toKind(kind, `notification of ${incident}`),
        state: toState(state, `notification of ${incident}`),
        count,
      }))
      return { customersTold: customers.told, byKind }
    },

    /**
     * A page, planned last first.
     * @throws FaultlineError REQUEST_INVALID for a wrong cursor.
     */
    async list(db: StateDb, filter: LedgerFilter): Promise<Page<LedgerRow>> {
      let query = db
        .selectFrom('notification')
        .selectAll()
        .orderBy('queued_at', 'desc')
        .orderBy('id', 'desc')
        .limit(rowsToAsk(filter.limit))
      if (filter.incident !== undefined) query = query.where('incident', '=', filter.incident)
      if (filter.customer !== undefined) query = query.where('customer', '=', filter.customer)
      if (filter.states) query = query.where('state', 'in', [...filter.states])
      if (filter.cursor !== undefined) query = query.where(beyond(decodeCursor(filter.cursor), 'queued_at'))
      return pageOf(await query.execute(), filter.limit, (row) => ({ at: row.queued_at, id: row.id }), toRow)
    },

    /** Each try of a message, in order. */
    attempts: (db: StateDb, id: NotificationId) =>
      db
        .selectFrom('notification_attempt')
        .select(['channel', 'at', 'outcome', 'reference', 'reason'])
        .where('notification', '=', id)
        .orderBy('id')
        .execute(),
  }
}

export type Ledger = ReturnType<typeof createLedger>
