import type { AlarmId, AlarmTransitionKind, Shelf, StoredAlarm } from '../model/alarm.ts'
import type { AlarmAction } from '../model/alarm-action.ts'
import type { Incident } from '../model/incident.ts'
import type { Actor } from '../model/incident-event.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { AlarmStore } from './alarm-store.ts'

export interface AlarmDeskDeps {
  readonly db: StateDb
  readonly clock: Clock
  readonly alarms: AlarmStore
  readonly openIncidents: (tx: StateTx) => Promise<readonly Incident[]>
  /** Told once the change is on disk. */
  readonly afterCommit: (alarm: StoredAlarm, what: AlarmTransitionKind) => void
}

export interface AlarmDesk {
  /**
   * Carries out a person's action: mark, log row and audit row in one transaction. What is so already is left as it is.
   * @throws FaultlineError NOT_FOUND, CONFLICT, PRECONDITION_FAILED or REQUEST_INVALID; nothing is changed then.
   */
  act(id: AlarmId, action: AlarmAction, actor: Actor, expectedVersion?: number): Promise<StoredAlarm>
}

/** Longer than that is no shelf but a rule that should be changed, ms. */
const longestShelfMs = 7 * 86_400_000

export function createAlarmDesk({ db, clock, alarms, openIncidents, afterCommit }: AlarmDeskDeps): AlarmDesk {
  async function objection(
    tx: StateTx,
    alarm: StoredAlarm,
    action: AlarmAction,
    now: number,
  ): Promise<FaultlineError | undefined> {
    const conflict = (why: string) => new FaultlineError('CONFLICT', why, { alarm: alarm.id })
    const isOver = alarm.state === 'cleared'
    if (action.type === 'acknowledge' && isOver) return conflict('the alarm is cleared')
    if (action.type !== 'shelve') return undefined
    if (isOver) return conflict('the alarm is cleared')
    if (action.until <= now || action.until > now + longestShelfMs)
      return new FaultlineError('REQUEST_INVALID', 'until must lie within the next 7 days', {
        field: 'until',
      })
    const told = (await openIncidents(tx)).find(
      ({ firstMessageAt, alarms: held }) => firstMessageAt !== undefined && held.includes(alarm.id),
    )
    return told === undefined
      ? undefined
      : conflict(
          `customers were told of incident ${told.id}; what it rests on cannot be put aside before they are told that it is over`,
        )
  }

  /** Undefined when it is so already. */
  async function carryOut(
    tx: StateTx,
    alarm: StoredAlarm,
    action: AlarmAction,
    actor: Actor,
    now: number,
  ): Promise<AlarmTransitionKind | undefined> {
    switch (action.type) {
      case 'acknowledge':
        if (alarm.acknowledged) return undefined
        await alarms.acknowledge(tx, alarm.id, { by: actor, at: now })
        return 'acknowledged'
      case 'unacknowledge':
        if (!alarm.acknowledged) return undefined
        await alarms.acknowledge(tx, alarm.id, undefined)
        return 'unacknowledged'
      case 'shelve': {
        const { until, reason } = action
        if (alarm.shelved && alarm.shelved.until === until && alarm.shelved.reason === reason)
          return undefined
        const shelf: Shelf = { by: actor, at: now, until, reason }
        await alarms.shelve(tx, alarm, shelf)
        return 'shelved'
      }
      case 'unshelve':
        if (!alarm.shelved) return undefined
        await alarms.shelve(tx, alarm, undefined)
        return 'unshelved'
    }
  }

  return {
    async act(id, action, actor, expectedVersion) {
      const done = await db.transaction().execute(async (tx) => {
        const alarm = await alarms.get(tx, id)
        if (!alarm) throw new FaultlineError('NOT_FOUND', `there is no alarm ${id}`, { alarm: id })
        if (expectedVersion !== undefined && expectedVersion !== alarm.version)
          throw new FaultlineError('PRECONDITION_FAILED', 'the alarm was changed meanwhile', { alarm: id })
        const now = clock.now()
        const refusal = await objection(tx, alarm, action, now)
        if (refusal) throw refusal
        const what = await carryOut(tx, alarm, action, actor, now)
        if (what === undefined) return { alarm }
        const { severity } = alarm
        const more = action.type === 'shelve' ? { until: action.until, reason: action.reason } : {}
        await alarms.record(tx, { alarm: id, at: now, actor, kind: what, severity, ...more })
        const after = (await alarms.get(tx, id)) ?? alarm
        await tx
          .insertInto('audit')
          .values({
            at: now,
            actor,
            action: `alarm.${action.type}`,
            subject: id,
            details_json: JSON.stringify({ version: after.version }),
          })
          .execute()
        return { alarm: after, what }
      })
      if (done.what) afterCommit(done.alarm, done.what)
      return done.alarm
    },
  }
}
