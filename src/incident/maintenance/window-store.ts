import type { MaintenanceWindow, MaintenanceWindowId, WindowEvent } from '../../model/maintenance-window.ts'
import { beyond, decodeCursor, type Page, pageOf, rowsToAsk } from '../../platform/db/cursor.ts'
import { readJson } from '../../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../../platform/db/state-db.ts'
import { FaultlineError } from '../../platform/errors.ts'
import { occurrencesOf } from './occurrences.ts'

export interface WindowFilter {
  /** `current`: under way, or yet to come. Both when absent. */
  readonly state?: 'current' | 'over'
  readonly now: number
  readonly limit: number
  readonly cursor?: string
}

/** One log row that is new, and the state before and after it. */
export interface WindowStep {
  readonly window: MaintenanceWindow
  /** Absent when it was planned just now. */
  readonly before?: MaintenanceWindow
  readonly event: WindowEvent
}

const toWindow = (row: { readonly id: string; readonly window_json: string }): MaintenanceWindow =>
  readJson<MaintenanceWindow>(
    row.window_json,
    `maintenance window ${row.id}`,
    'id',
    'elements',
    'start',
    'moved',
    'version',
  )

/** The log and the folded state of maintenance windows. Functions take the store, or a transaction to be part of. */
export function createWindowStore() {
  return {
    async get(db: StateDb, id: MaintenanceWindowId): Promise<MaintenanceWindow | undefined> {
      const row = await db
        .selectFrom('maintenance_window')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row && toWindow(row)
    },

    async byExternalId(db: StateDb, externalId: string): Promise<MaintenanceWindow | undefined> {
      const row = await db
        .selectFrom('maintenance_window')
        .select(['id', 'window_json'])
        .where('external_id', '=', externalId)
        .executeTakeFirst()
      return row && toWindow(row)
    },

    /**
     * Adds a log row and puts the new state in place of the one that it began from.
     * @throws FaultlineError CONFLICT when the window has changed since: nothing may be kept of the transaction.
     */
    async append(tx: StateTx, { window, before, event }: WindowStep): Promise<void> {
      const row = {
        id: window.id,
        external_id: window.externalId ?? null,
        created_at: window.createdAt,
        over_at: occurrencesOf(window).over ?? null,
        version: window.version,
        updated_at: window.updatedAt,
        window_json: JSON.stringify(window),
      }
      if (before === undefined) await tx.insertInto('maintenance_window').values(row).execute()
      else {
        const { numUpdatedRows } = await tx
          .updateTable('maintenance_window')
          .set(row)
          .where('id', '=', window.id)
          .where('version', '=', before.version)
          .executeTakeFirst()
        if (numUpdatedRows === 0n)
          throw new FaultlineError('CONFLICT', 'the maintenance window was changed meanwhile', {
            window: window.id,
          })
      }
      await tx
        .insertInto('maintenance_window_event')
        .values({
          maintenance_window: window.id,
          sequence: event.sequence,
          at: event.at,
          actor: event.actor,
          type: event.type,
          event_json: JSON.stringify(event),
        })
        .execute()
    },

    /** Those that are under way at `now` or later. */
    async current(db: StateDb, now: number): Promise<readonly MaintenanceWindow[]> {
      const rows = await db
        .selectFrom('maintenance_window')
        .select(['id', 'window_json'])
        .where((where) => where.or([where('over_at', 'is', null), where('over_at', '>', now)]))
        .orderBy('id')
        .execute()
      return rows.map(toWindow)
    },

    /**
     * A page, planned last first.
     * @throws FaultlineError REQUEST_INVALID for a wrong cursor.
     */
    async list(db: StateDb, filter: WindowFilter): Promise<Page<MaintenanceWindow>> {
      let query = db
        .selectFrom('maintenance_window')
        .select(['id', 'created_at', 'window_json'])
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(rowsToAsk(filter.limit))
      if (filter.state === 'over') query = query.where('over_at', '<=', filter.now)
      if (filter.state === 'current')
        query = query.where((where) =>
          where.or([where('over_at', 'is', null), where('over_at', '>', filter.now)]),
        )
      if (filter.cursor !== undefined) query = query.where(beyond(decodeCursor(filter.cursor), 'created_at'))
      return pageOf(
        await query.execute(),
        filter.limit,
        (row) => ({ at: row.created_at, id: row.id }),
        toWindow,
      )
    },

    /** The log, in order. */
    async events(db: StateDb, id: MaintenanceWindowId): Promise<readonly WindowEvent[]> {
      const rows = await db
        .selectFrom('maintenance_window_event')
        .select(['sequence', 'event_json'])
        .where('maintenance_window', '=', id)
        .orderBy('sequence')
        .execute()
      return rows.map((row) =>
        readJson<WindowEvent>(
          row.event_json,
          `maintenance window event ${id} ${row.sequence}`,
          'window',
          'sequence',
          'type',
          'at',
        ),
      )
    },
  }
}

export type WindowStore = ReturnType<typeof createWindowStore>
