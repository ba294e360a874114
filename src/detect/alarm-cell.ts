import type { Alarm, AlarmChange, AlarmId, AlarmType, Resource } from '../model/alarm.ts'
import type { Rule } from '../model/rule.ts'
import { severities } from '../model/severity.ts'
import { alarmText } from './alarm-text.ts'
import { alarmClasses } from './alarm-types.ts'
import { createEvaluator, type Evaluator } from './evaluator.ts'

/** Everything that is known about one (resource, type): at most one active alarm, judged by one rule or more. */
export interface AlarmCell {
  readonly resource: Resource
  readonly type: AlarmType
  readonly evaluators: Map<string, Evaluator>
  /** Without data for this long the alarm is indeterminate, ms. */
  readonly staleMs: number
  alarm?: Alarm
  /** When data came last, by the daemon's clock. */
  heardAt: number
  /** Polls of the agent in a row that did not list the interface. */
  absent: number
}

export interface CellDeps {
  readonly newAlarmId: (now: number) => AlarmId
  readonly emit: (change: AlarmChange) => void
}

export const createCell = (
  resource: Resource,
  type: AlarmType,
  staleMs: number,
  heardAt: number,
): AlarmCell => ({ resource, type, evaluators: new Map(), staleMs, heardAt, absent: 0 })

/** Takes over an alarm that stood before a restart. */
export function restoreCell(cell: AlarmCell, alarm: Alarm, rule: Rule): void {
  cell.alarm = alarm
  cell.evaluators.set(rule.id, createEvaluator(rule, cell.staleMs, alarm))
}

/** Hands a value to the rule's evaluator and tells what that changes. */
export function observe(
  cell: AlarmCell,
  rule: Rule,
  value: number,
  at: number,
  now: number,
  deps: CellDeps,
): void {
  let evaluator = cell.evaluators.get(rule.id)
  if (!evaluator) {
    evaluator = createEvaluator(rule, cell.staleMs)
    cell.evaluators.set(rule.id, evaluator)
  }
  evaluator.observe(value, at)
  cell.heardAt = now
  cell.absent = 0
  settle(cell, now, deps)
  if (evaluator.isIdle()) cell.evaluators.delete(rule.id)
}

/** The worst rule speaks for the cell. */
function settle(cell: AlarmCell, now: number, { newAlarmId, emit }: CellDeps): void {
  const raised = [...cell.evaluators]
    .map(([rule, evaluator]) => ({ rule, ...evaluator.verdict() }))
    .filter((verdict) => verdict.raised)
    .sort((one, other) => severities.indexOf(other.severity) - severities.indexOf(one.severity))
  const worst = raised[0]
  const { alarm, type, resource } = cell
  if (!worst) {
    if (alarm) {
      const restored = [...cell.evaluators.values()].map((evaluator) => evaluator.verdict().restoredAt)
      clearAlarm(cell, Math.max(...restored), now, emit)
    }
    return
  }
  const { rule, severity, value, limit } = worst
  const seen = {
    severity,
    rule,
    indeterminate: false,
    ...(value === undefined ? {} : { value }),
    ...(limit === undefined ? {} : { limit }),
    text: alarmText(type, resource, value),
  }
  if (!alarm) {
    cell.alarm = {
      id: newAlarmId(now),
      resource,
      type,
      ...alarmClasses[type],
      state: 'active',
      onsetAt: Math.min(...raised.map((verdict) => verdict.onsetAt)),
      raisedAt: now,
      ...seen,
    }
    emit({ kind: 'raised', alarm: cell.alarm })
  } else if (alarm.severity !== severity || alarm.indeterminate) {
    cell.alarm = { ...alarm, ...seen }
    emit({ kind: 'changed', alarm: cell.alarm })
  }
}

/** `restoredAt` is the time of the first good sample. */
export function clearAlarm(cell: AlarmCell, restoredAt: number, now: number, emit: CellDeps['emit']): void {
  if (!cell.alarm) return
  const alarm: Alarm = { ...cell.alarm, state: 'cleared', indeterminate: false, restoredAt, clearedAt: now }
  delete cell.alarm
  cell.evaluators.clear()
  emit({ kind: 'cleared', alarm })
}

/** No data, or none that says anything: the alarm stays as it is, and says so. */
export function markIndeterminate(cell: AlarmCell, emit: CellDeps['emit']): void {
  if (!cell.alarm || cell.alarm.indeterminate) return
  cell.alarm = { ...cell.alarm, indeterminate: true }
  emit({ kind: 'changed', alarm: cell.alarm })
}
