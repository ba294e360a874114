import { type Alarm, type AlarmChange, type AlarmId, alarmKey } from '../model/alarm.ts'
import { decodeCursor, type Page, pageOf, rowsToAsk } from '../platform/db/cursor.ts'
import { portions, readJson } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'

export interface AlarmFilter {
  readonly state?: Alarm['state']
  readonly element?: string
  readonly limit: number
  readonly cursor?: string
}

const toAlarm = (row: { readonly id: string; readonly alarm_json: string }): Alarm =>
  readJson<Alarm>(row.alarm_json, `alarm ${row.id}`, 'id', 'resource', 'type', 'state')

const rowOf = (alarm: Alarm) => ({
  id: alarm.id,
  key: alarmKey(alarm),
  element: alarm.resource.element,
  interface: alarm.resource.kind === 'interface' ? alarm.resource.interface : null,
  type: alarm.type,
  severity: alarm.severity,
  state: alarm.state,
  onset_at: alarm.onsetAt,
  raised_at: alarm.raisedAt,
  restored_at: alarm.restoredAt ?? null,
  cleared_at: alarm.clearedAt ?? null,
  alarm_json: JSON.stringify(alarm),
})

/** Alarms, active and past. Every function takes the store, or a transaction to be part of. */
export function createAlarmStore() {
  return {
    /** Keeps the last state of each alarm. Cleared ones go first, so that the next on the same thing finds its key free. */
    async save(tx: StateTx, changes: readonly AlarmChange[]): Promise<void> {
      const latest = new Map(changes.map(({ alarm }) => [alarm.id, alarm]))
      const rows = [...latest.values()]
        .toSorted((one, other) => Number(one.state === 'active') - Number(other.state === 'active'))
        .map(rowOf)
      for (const portion of portions(rows))
        await tx
          .insertInto('alarm')
          .values([...portion])
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              severity: row.ref('excluded.severity'),
              state: row.ref('excluded.state'),
              onset_at: row.ref('excluded.onset_at'),
              restored_at: row.ref('excluded.restored_at'),
              cleared_at: row.ref('excluded.cleared_at'),
              alarm_json: row.ref('excluded.alarm_json'),
            })),
          )
          .execute()
    },

    /** All that are active, oldest first. */
    async active(db: StateDb): Promise<readonly Alarm[]> {
      const rows = await db
        .selectFrom('alarm')
        .select(['id', 'alarm_json'])
        .where('state', '=', 'active')
        .orderBy('raised_at')
        .orderBy('id')
        .execute()
      return rows.map(toAlarm)
    },

    /** Those with these ids that there are. */
    async getMany(db: StateDb, ids: Iterable<AlarmId>): Promise<ReadonlyMap<AlarmId, Alarm>> {
      const found = new Map<AlarmId, Alarm>()
      for (const portion of portions([...new Set(ids)])) {
        const rows = await db
          .selectFrom('alarm')
          .select(['id', 'alarm_json'])
          .where('id', 'in', portion)
          .execute()
        for (const row of rows) found.set(row.id, toAlarm(row))
      }
      return found
    },

    /**
     * A page, raised last first.
     * @throws FaultlineError REQUEST_INVALID for a wrong cursor.
     */
    async list(db: StateDb, filter: AlarmFilter): Promise<Page<Alarm>> {
      let query = db
        .selectFrom('alarm')
        .select(['id', 'raised_at', 'alarm_json'])
        .orderBy('raised_at', 'desc')
        .orderBy('id', 'desc')
        .limit(rowsToAsk(filter.limit))
      if (filter.state !== undefined) query = query.where('state', '=', filter.state)
      if (filter.element !== undefined) query = query.where('element', '=', filter.element)
      if (filter.cursor !== undefined) {
        const { at, id } = decodeCursor(filter.cursor)
        query = query.where((where) =>
          where.or([
            where('raised_at', '<', at),
            where.and([where('raised_at', '=', at), where('id', '<', id)]),
          ]),
        )
      }
      return pageOf(
        await query.execute(),
        filter.limit,
        (row) => ({ at: row.raised_at, id: row.id }),
        toAlarm,
      )
    },
  }
}

export type AlarmStore = ReturnType<typeof createAlarmStore>
