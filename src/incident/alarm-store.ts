import {
  type Acknowledgement,
  type Alarm,
  type AlarmChange,
  type AlarmId,
  type AlarmPhase,
  type AlarmType,
  alarmKey,
  type NetworkAlarm,
  type StoredAlarm,
  type SystemAlarm,
} from '../model/alarm.ts'
import type { Severity } from '../model/severity.ts'
import { beyond, decodeCursor, type Page, pageOf, rowsToAsk } from '../platform/db/cursor.ts'
import { portions } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { appendTransitions, recordTransition, transitions } from './alarm-log.ts'
import { rowOf, rowsWithMarks, toAlarm, transitionsOf } from './alarm-rows.ts'
import { shelve, shelves, unshelveDue } from './alarm-shelf.ts'

export interface AlarmFilter {
  readonly state?: Alarm['state']
  readonly element?: string
  readonly about?: 'network' | 'system'
  readonly type?: AlarmType
  readonly severity?: Severity
  /** `raised` holds those that are clearing too: only the live alarm tells them apart. */
  readonly phase?: AlarmPhase
  readonly acknowledged?: boolean
  readonly shelved?: boolean
  readonly limit: number
  readonly cursor?: string
}

const isSystem = (alarm: Alarm): alarm is SystemAlarm => alarm.resource.kind === 'system'
const isNetwork = (alarm: Alarm): alarm is NetworkAlarm => alarm.resource.kind !== 'system'

/** Alarms, active and past, with their log. Every function takes the store, or a transaction to be part of. */
export function createAlarmStore() {
  const allActive = async (db: StateDb): Promise<readonly StoredAlarm[]> => {
    const rows = await rowsWithMarks(db)
      .where('alarm.state', '=', 'active')
      .orderBy('alarm.raised_at')
      .orderBy('alarm.id')
      .execute()
    return rows.map(toAlarm)
  }

  const getMany = async (db: StateDb, ids: Iterable<AlarmId>): Promise<ReadonlyMap<AlarmId, StoredAlarm>> => {
    const found = new Map<AlarmId, StoredAlarm>()
    for (const portion of portions([...new Set(ids)]))
      for (const row of await rowsWithMarks(db).where('alarm.id', 'in', portion).execute())
        found.set(row.id, toAlarm(row))
    return found
  }

  return {
    getMany,
    record: recordTransition,
    transitions,
    shelve,
    unshelveDue,
    shelves,

    /**
     * Keeps the last state of each alarm, and each step on the way in its log. Cleared ones go first, so that the next on
     * the same thing finds its key free.
     */
    async save(tx: StateTx, changes: readonly AlarmChange[]): Promise<void> {
      const steps = Map.groupBy(changes.flatMap(transitionsOf), ({ alarm }) => alarm)
      const latest = new Map(changes.map(({ alarm }) => [alarm.id, alarm]))
      const alarms = [...latest.values()].toSorted(
        (one, other) => Number(one.state === 'active') - Number(other.state === 'active'),
      )
      for (const portion of portions(alarms, 200)) {
        const versions = await tx
          .insertInto('alarm')
          .values(portion.map((alarm) => rowOf(alarm, steps.get(alarm.id)?.length ?? 0)))
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              severity: row.ref('excluded.severity'),
              state: row.ref('excluded.state'),
              phase: row.ref('excluded.phase'),
              onset_at: row.ref('excluded.onset_at'),
              restored_at: row.ref('excluded.restored_at'),
              cleared_at: row.ref('excluded.cleared_at'),
              maintenance: row.ref('excluded.maintenance'),
              version: row('alarm.version', '+', row.ref('excluded.version')),
              alarm_json: row.ref('excluded.alarm_json'),
            })),
          )
          .returning(['id', 'version'])
          .execute()
        await appendTransitions(
          tx,
          versions.flatMap(({ id, version }) => {
            const own = steps.get(id) ?? []
            return own.map((step, index) => ({ ...step, sequence: version - own.length + index + 1 }))
          }),
        )
      }
    },

    /** Of the network, all that are active, oldest first. */
    active: async (db: StateDb): Promise<readonly NetworkAlarm[]> =>
      (await allActive(db)).map(withoutVersion).filter(isNetwork),

    /** Of Faultline itself, all that are active, oldest first. */
    activeSystem: async (db: StateDb): Promise<readonly SystemAlarm[]> =>
      (await allActive(db)).map(withoutVersion).filter(isSystem),

    /** The last cleared alarm of each (resource, type) of the network that was cleared at or after that time. */
    async restless(db: StateDb, since: number): Promise<readonly NetworkAlarm[]> {
      const rows = await rowsWithMarks(db)
        .where('alarm.cleared_at', '>=', since)
        .where('alarm.state', '=', 'cleared')
        .orderBy('alarm.cleared_at')
        .orderBy('alarm.id')
        .execute()
      const latest = new Map(rows.map(toAlarm).map((alarm) => [alarmKey(alarm), alarm]))
      return [...latest.values()].map(withoutVersion).filter(isNetwork)
    },

    get: async (db: StateDb, id: AlarmId): Promise<StoredAlarm | undefined> =>
      (await getMany(db, [id])).get(id),

    /** Says who has seen it; undefined: nobody. */
    async acknowledge(tx: StateTx, id: AlarmId, by: Acknowledgement | undefined): Promise<void> {
      await tx
        .updateTable('alarm')
        .set({ acknowledged_by: by?.by ?? null, acknowledged_at: by?.at ?? null })
        .where('id', '=', id)
        .execute()
    },

    /**
     * A page, raised last first.
     * @throws FaultlineError REQUEST_INVALID for a wrong cursor.
     */
    async list(db: StateDb, filter: AlarmFilter): Promise<Page<StoredAlarm>> {
      let query = rowsWithMarks(db)
        .select('alarm.raised_at')
        .orderBy('alarm.raised_at', 'desc')
        .orderBy('alarm.id', 'desc')
        .limit(rowsToAsk(filter.limit))
      const { about, acknowledged, shelved } = filter
      for (const column of ['state', 'element', 'type', 'severity', 'phase'] as const) {
        const wanted = filter[column]
        if (wanted !== undefined)
          query = query.where(
            `alarm.${column}`,
            '=',
            column === 'phase' && wanted === 'clearing' ? 'raised' : wanted,
          )
      }
      if (about !== undefined) query = query.where('alarm.element', about === 'system' ? '=' : '<>', '')
      if (acknowledged !== undefined)
        query = query.where('alarm.acknowledged_by', acknowledged ? 'is not' : 'is', null)
      if (shelved !== undefined) query = query.where('alarm_shelf.key', shelved ? 'is not' : 'is', null)
      if (filter.cursor !== undefined)
        query = query.where(beyond(decodeCursor(filter.cursor), 'raised_at', { table: 'alarm' }))
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

const withoutVersion = ({ version: _, ...alarm }: StoredAlarm): Alarm => alarm
