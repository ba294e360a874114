import {
  type Alarm,
  type AlarmChange,
  type AlarmPhase,
  type AlarmTransition,
  type AlarmTransitionKind,
  alarmKey,
  type StoredAlarm,
} from '../model/alarm.ts'
import { systemActor } from '../model/incident-event.ts'
import { severities } from '../model/severity.ts'
import { readJson } from '../platform/db/json-column.ts'
import type { AlarmTransitionTable } from '../platform/db/schema.ts'
import type { StateDb } from '../platform/db/state-db.ts'

/** A row of `alarm` with what lies on the shelf beside it. */
export interface AlarmRow {
  readonly id: string
  readonly alarm_json: string
  readonly version: number
  readonly acknowledged_by: string | null
  readonly acknowledged_at: number | null
  readonly maintenance: string | null
  readonly shelved_by: string | null
  readonly shelved_at: number | null
  readonly shelved_until: number | null
  readonly shelved_reason: string | null
}

/** Alarms with what lies on the shelf: of the key while one is active, and of the alarm on which it was done. */
export const rowsWithMarks = (db: StateDb) =>
  db
    .selectFrom('alarm')
    .leftJoin('alarm_shelf', (join) =>
      join
        .onRef('alarm_shelf.key', '=', 'alarm.key')
        .on((on) =>
          on.or([on('alarm.state', '=', 'active'), on('alarm_shelf.alarm', '=', on.ref('alarm.id'))]),
        ),
    )
    .select([
      'alarm.id',
      'alarm.alarm_json',
      'alarm.version',
      'alarm.acknowledged_by',
      'alarm.acknowledged_at',
      'alarm.maintenance',
      'alarm_shelf.actor as shelved_by',
      'alarm_shelf.at as shelved_at',
      'alarm_shelf.until_at as shelved_until',
      'alarm_shelf.reason as shelved_reason',
    ])

/** What people and windows put on an alarm is kept beside it, so that detection and people do not overwrite each other. */
export function toAlarm(row: AlarmRow): StoredAlarm {
  const { shelved_by: by, shelved_at: at, shelved_until: until, shelved_reason: reason } = row
  return {
    ...readJson<Alarm>(row.alarm_json, `alarm ${row.id}`, 'id', 'resource', 'type', 'state'),
    version: row.version,
    ...(row.acknowledged_by === null || row.acknowledged_at === null
      ? {}
      : { acknowledged: { by: row.acknowledged_by, at: row.acknowledged_at } }),
    ...(by === null || at === null || until === null
      ? {}
      : { shelved: { by, at, until, reason: reason ?? '' } }),
    ...(row.maintenance === null ? {} : { maintenance: row.maintenance }),
  }
}

type Writable = Omit<Alarm, 'phase'> & { phase?: AlarmPhase; version?: number }

/** `version` is added to that of a row that is there already. */
export function rowOf(alarm: Alarm, version: number) {
  const { resource } = alarm
  const { acknowledged: _, shelved: __, maintenance: ___, ...own }: Writable = alarm
  delete own.version
  if (own.phase === 'clearing') own.phase = 'raised'
  return {
    id: alarm.id,
    key: alarmKey(alarm),
    element: resource.kind === 'system' ? '' : resource.element,
    interface:
      resource.kind === 'system' ? resource.part : resource.kind === 'interface' ? resource.interface : null,
    type: alarm.type,
    severity: alarm.severity,
    state: alarm.state,
    phase: alarm.state === 'active' ? (own.phase ?? 'raised') : null,
    onset_at: alarm.onsetAt,
    raised_at: alarm.raisedAt,
    restored_at: alarm.restoredAt ?? null,
    cleared_at: alarm.clearedAt ?? null,
    version,
    maintenance: alarm.maintenance ?? null,
    alarm_json: JSON.stringify(own),
  }
}

export type NewTransition = Omit<AlarmTransition, 'sequence'>

/** The log rows of a change; none for what nobody is told. */
export function transitionsOf(change: AlarmChange): readonly NewTransition[] {
  if (change.kind === 'kept') return []
  const { kind, alarm } = change
  const reason = kind === 'cleared' ? alarm.clearedBecause : undefined
  const step: NewTransition = {
    alarm: alarm.id,
    at:
      kind === 'changed'
        ? change.at
        : kind === 'raised'
          ? alarm.raisedAt
          : (alarm.clearedAt ?? alarm.raisedAt),
    actor: systemActor,
    kind: kind === 'changed' ? change.what : kind,
    severity: alarm.severity,
    ...(alarm.value === undefined ? {} : { value: alarm.value }),
    ...(reason === undefined ? {} : { reason }),
  }
  return kind === 'raised' && alarm.phase === 'flapping' ? [step, { ...step, kind: 'flapping' }] : [step]
}

export const transitionRow = (transition: AlarmTransition): AlarmTransitionTable => ({
  alarm: transition.alarm,
  sequence: transition.sequence,
  at: transition.at,
  actor: transition.actor,
  kind: transition.kind,
  severity: transition.severity,
  value: transition.value ?? null,
  until_at: transition.until ?? null,
  reason: transition.reason ?? null,
})

export const toTransition = (row: AlarmTransitionTable): AlarmTransition => ({
  alarm: row.alarm,
  sequence: row.sequence,
  at: row.at,
  actor: row.actor,
  // Written by us from the closed lists.
  kind: row.kind as AlarmTransitionKind,
  severity: severities.find((known) => known === row.severity) ?? 'indeterminate',
  ...(row.value === null ? {} : { value: row.value }),
  ...(row.until_at === null ? {} : { until: row.until_at }),
  ...(row.reason === null ? {} : { reason: row.reason }),
})
