import type { AlarmId, AlarmTransition } from '../model/alarm.ts'
import { portions } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { type NewTransition, toTransition, transitionRow } from './alarm-rows.ts'

/** Adds rows to the logs of alarms. Their numbers are those of the versions that the alarms then have. */
export async function appendTransitions(tx: StateTx, rows: readonly AlarmTransition[]): Promise<void> {
  for (const portion of portions(rows, 100))
    await tx.insertInto('alarm_transition').values(portion.map(transitionRow)).execute()
}

/** One more row in the log of an alarm, for what is not told by detection. */
export async function recordTransition(tx: StateTx, transition: NewTransition): Promise<void> {
  const { version } = await tx
    .updateTable('alarm')
    .set((row) => ({ version: row('version', '+', 1) }))
    .where('id', '=', transition.alarm)
    .returning('version')
    .executeTakeFirstOrThrow()
  await appendTransitions(tx, [{ ...transition, sequence: version }])
}

/** The log of an alarm, in order. */
export async function transitions(db: StateDb, id: AlarmId): Promise<readonly AlarmTransition[]> {
  const rows = await db
    .selectFrom('alarm_transition')
    .selectAll()
    .where('alarm', '=', id)
    .orderBy('sequence')
    .execute()
  return rows.map(toTransition)
}
