import type { AlarmAccess } from '../api/ports/alarm-access.ts'
import type { AlarmDesk } from '../incident/alarm-desk.ts'
import type { AlarmStore } from '../incident/alarm-store.ts'
import type { Alarm, AlarmId, StoredAlarm } from '../model/alarm.ts'
import type { StateDb } from '../platform/db/state-db.ts'

export interface AlarmAccessDeps {
  readonly db: StateDb
  readonly alarms: AlarmStore
  readonly desk: AlarmDesk
  /** Active ones as they are this moment. */
  readonly live: () => Iterable<Alarm>
}

/** What the API reads of alarms: as they are stored, and the active ones with what changes from sample to sample. */
export function createAlarmAccess({ db, alarms, desk, live }: AlarmAccessDeps): AlarmAccess {
  const withLive = (stored: readonly StoredAlarm[]): readonly StoredAlarm[] => {
    if (!stored.some(({ state }) => state === 'active')) return stored
    const now = new Map<AlarmId, Alarm>()
    for (const alarm of live()) now.set(alarm.id, alarm)
    return stored.map((one) => latestOf(one, now.get(one.id)))
  }
  const one = (alarm: StoredAlarm): StoredAlarm => withLive([alarm])[0] ?? alarm
  return {
    async list(filter) {
      const page = await alarms.list(db, filter)
      return { ...page, items: withLive(page.items) }
    },
    getMany: async (ids) => {
      const found = withLive([...(await alarms.getMany(db, ids)).values()])
      return new Map(found.map((alarm) => [alarm.id, alarm]))
    },
    async get(id) {
      const alarm = await alarms.get(db, id)
      return alarm && one(alarm)
    },
    transitions: (id) => alarms.transitions(db, id),
    act: async (id, action, actor, expectedVersion) =>
      one(await desk.act(id, action, actor, expectedVersion)),
  }
}

function latestOf(stored: StoredAlarm, live: Alarm | undefined): StoredAlarm {
  if (!live || stored.state === 'cleared') return stored
  const { phase, value, limit, text, indeterminate } = live
  return {
    ...stored,
    indeterminate,
    text,
    ...(phase === undefined ? {} : { phase }),
    ...(value === undefined ? {} : { value }),
    ...(limit === undefined ? {} : { limit }),
  }
}
