import { type Alarm, type AlarmChange, type AlarmId, alarmKey, type Shelf } from '../model/alarm.ts'
import { systemActor } from '../model/incident-event.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { recordTransition } from './alarm-log.ts'
import { rowsWithMarks, toAlarm } from './alarm-rows.ts'

/** Puts aside what an alarm is about, or takes it from the shelf. */
export async function shelve(tx: StateTx, alarm: Alarm, shelf: Shelf | undefined): Promise<void> {
  const key = alarmKey(alarm)
  await tx.deleteFrom('alarm_shelf').where('key', '=', key).execute()
  if (!shelf) return
  const { by: actor, at, until: until_at, reason } = shelf
  await tx.insertInto('alarm_shelf').values({ key, alarm: alarm.id, actor, at, until_at, reason }).execute()
}

/** Takes from the shelf what lay there until now, and gives those alarms that are active. */
export async function unshelveDue(tx: StateTx, now: number): Promise<readonly AlarmChange[]> {
  const due = await tx
    .selectFrom('alarm_shelf')
    .select(['key', 'alarm'])
    .where('until_at', '<=', now)
    .execute()
  const changes: AlarmChange[] = []
  for (const { key, alarm: onWhich } of due) {
    await tx.deleteFrom('alarm_shelf').where('key', '=', key).execute()
    const rows = await rowsWithMarks(tx)
      .where('alarm.key', '=', key)
      .where((where) => where.or([where('alarm.state', '=', 'active'), where('alarm.id', '=', onWhich)]))
      .execute()
    for (const alarm of rows.map(toAlarm)) {
      const { id, severity, state } = alarm
      await recordTransition(tx, { alarm: id, at: now, actor: systemActor, kind: 'unshelved', severity })
      if (state === 'active') changes.push({ kind: 'changed', what: 'unshelved', at: now, alarm })
    }
  }
  return changes
}

/** Active alarms that lie on the shelf. */
export async function shelves(db: StateDb): Promise<ReadonlyMap<AlarmId, Shelf>> {
  const rows = await db
    .selectFrom('alarm_shelf')
    .innerJoin('alarm', 'alarm.key', 'alarm_shelf.key')
    .select([
      'alarm.id',
      'alarm_shelf.actor as by',
      'alarm_shelf.at',
      'alarm_shelf.until_at as until',
      'alarm_shelf.reason',
    ])
    .where('alarm.state', '=', 'active')
    .execute()
  return new Map(rows.map(({ id, ...shelf }) => [id, shelf]))
}
