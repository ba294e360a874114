import {
  type Alarm,
  type AlarmChange,
  type AlarmId,
  type AlarmType,
  alarmKey,
  type Instability,
  type Resource,
} from '../model/alarm.ts'
import type { Rule } from '../model/rule.ts'
import { severities } from '../model/severity.ts'
import { alarmText } from './alarm-text.ts'
import { createEvaluator, type Evaluator, type Standing } from './evaluator.ts'
import { type FlappingSettings, isForgotten } from './flapping.ts'
import type { Verdict } from './verdict.ts'

/** What counting takes of a rule. */
export type CellRule = Pick<Rule, 'id' | 'samples' | 'forMs' | 'clearForMs'>

interface Judged {
  readonly evaluator: Evaluator
  standing: Standing
  /** When its data came last, by the daemon's clock. */
  heardAt: number
}

/** Everything that is known about one (resource, type): at most one active alarm, judged by one rule or more. */
export interface AlarmCell<R extends Resource = Resource> {
  readonly resource: R
  readonly type: AlarmType
  readonly key: string
  /** By rule; one that is quiet has no entry. */
  readonly judged: Map<string, Judged>
  /** Without data for this long the alarm is indeterminate, ms. */
  readonly staleMs: number
  alarm?: Alarm<R>
  /** The alarm with what changes from sample to sample; made when it is asked for. */
  live?: Alarm<R>
  /** Some rule says so; while it is flapping that is not the same as having an alarm. */
  isBad: boolean
  instability?: Instability
  /** When data came last, by the daemon's clock. */
  heardAt: number
  /** Of what was fed since it was settled last: nothing but good samples, and after a time without data. */
  isAllGood: boolean
  hadGap: boolean
  /** Polls of the agent in a row that did not list the interface. */
  absent: number
}

export interface CellDeps<R extends Resource = Resource> {
  readonly newAlarmId: (now: number) => AlarmId
  readonly emit: (change: AlarmChange<Alarm<R>>, cell: AlarmCell<R>) => void
  readonly flapping: FlappingSettings
}

export const createCell = <R extends Resource>(
  resource: R,
  type: AlarmType,
  staleMs: number,
  heardAt: number,
): AlarmCell<R> => ({
  resource,
  type,
  key: alarmKey({ resource, type }),
  judged: new Map(),
  staleMs,
  isBad: false,
  heardAt,
  isAllGood: true,
  hadGap: false,
  absent: 0,
})

/**
 * Takes over the last alarm from before a restart: what stands, and how restless it was. What was counted towards raising
 * or clearing begins again.
 */
export function restoreCell<R extends Resource>(cell: AlarmCell<R>, alarm: Alarm<R>, rule: CellRule): void {
  if (alarm.instability) cell.instability = alarm.instability
  if (alarm.state === 'cleared') return
  cell.alarm = withoutMarks(alarm)
  const isFlapping = alarm.phase === 'flapping'
  // `markIndeterminate` left there when data came last.
  if (isFlapping && alarm.indeterminate && alarm.instability) cell.heardAt = alarm.instability.at
  cell.isBad = !(isFlapping && alarm.restoredAt !== undefined)
  if (!cell.isBad) return
  const severity = (isFlapping ? undefined : alarm.wavering?.severity) ?? alarm.severity
  const detail = alarm.refusal === undefined ? {} : { detail: alarm.refusal }
  const evaluator = createEvaluator(rule, cell.staleMs, { ...alarm, ...detail, severity })
  cell.judged.set(rule.id, {
    evaluator,
    standing: evaluator.standing(),
    heardAt: Number.NEGATIVE_INFINITY,
  })
}

/** What people and windows put on an alarm may be taken off again without detection being told. */
function withoutMarks<R extends Resource>(alarm: Alarm<R>): Alarm<R> {
  const { acknowledged: _, shelved: __, maintenance: ___, ...own } = alarm
  return own
}

/** Hands what a sample says under one rule to its evaluator. What that comes to is worked out by `settle`. */
export function feed(cell: AlarmCell, rule: CellRule, verdict: Verdict, at: number, now: number): void {
  let judged = cell.judged.get(rule.id)
  if (!judged && verdict.kind === 'bad') {
    const evaluator = createEvaluator(rule, cell.staleMs)
    judged = { evaluator, standing: evaluator.standing(), heardAt: now }
    cell.judged.set(rule.id, judged)
  }
  if (judged) {
    judged.evaluator.observe(verdict, at)
    judged.standing = judged.evaluator.standing()
    judged.heardAt = now
  }
  passGap(cell, now)
  cell.heardAt = now
  cell.absent = 0
  if (verdict.kind !== 'good') cell.isAllGood = false
  delete cell.live
}

/** Nobody saw that it was stable while no data came, so that time does not help it out of flapping. */
function passGap(cell: AlarmCell, now: number): void {
  const gap = now - cell.heardAt
  if (!cell.instability || cell.alarm?.phase !== 'flapping') return
  if (gap <= cell.staleMs || !Number.isFinite(gap)) return
  cell.instability = { ...cell.instability, at: cell.instability.at + gap }
  cell.hadGap = true
}

/** What was gathering towards raising it counts no more. */
export function forgetPending(cell: AlarmCell): void {
  if (!cell.alarm) cell.judged.clear()
}

/** What the worst of the rules that raise it says. */
export type Raised = Standing & { readonly rule: string }

export function worstOf({ judged }: AlarmCell): Raised | undefined {
  let worst: Raised | undefined
  for (const [rule, { standing }] of judged) {
    if (!standing.raised) continue
    const isWorse = !worst || severities.indexOf(standing.severity) > severities.indexOf(worst.severity)
    if (isWorse) worst = { ...standing, rule }
  }
  return worst
}

/** What an alarm shows of it. */
export const seenOf = (
  { type, resource }: AlarmCell,
  { rule, severity, value, limit, detail }: Raised,
): Pick<Alarm, 'severity' | 'rule' | 'indeterminate' | 'text' | 'value' | 'limit' | 'refusal'> => ({
  severity,
  rule,
  indeterminate: false,
  ...(value === undefined ? {} : { value }),
  ...(limit === undefined ? {} : { limit }),
  ...(type === 'agent-silent' ? { refusal: detail } : {}),
  text: alarmText(type, resource, value, detail),
})

/** Whether what says that it is bad has not been heard of for too long. */
export function isStale(cell: AlarmCell, now: number): boolean {
  let heardAt = Number.NEGATIVE_INFINITY
  for (const judged of cell.judged.values())
    if (judged.standing.raised) {
      if (judged.heardAt === Number.NEGATIVE_INFINITY) judged.heardAt = now
      heardAt = Math.max(heardAt, judged.heardAt)
    }
  if (heardAt === Number.NEGATIVE_INFINITY) {
    if (cell.heardAt === Number.NEGATIVE_INFINITY) cell.heardAt = now
    heardAt = cell.heardAt
  }
  return now - heardAt > cell.staleMs
}

/** The alarm as it is now: with the last value, and whether good samples are coming. */
export function liveAlarm<R extends Resource>(cell: AlarmCell<R>): Alarm<R> | undefined {
  const { alarm } = cell
  if (!alarm || alarm.phase === 'flapping' || alarm.indeterminate) return alarm
  cell.live ??= withLatest(cell, alarm)
  return cell.live
}

function withLatest<R extends Resource>(cell: AlarmCell<R>, alarm: Alarm<R>): Alarm<R> {
  const worst = worstOf(cell)
  if (!worst) return alarm
  const isClearing = [...cell.judged.values()].every(
    ({ standing: { raised, clearing } }) => !raised || clearing,
  )
  const seen = seenOf(cell, worst)
  if (!isClearing && seen.value === alarm.value && seen.limit === alarm.limit) return alarm
  return { ...alarm, ...seen, severity: alarm.severity, phase: isClearing ? 'clearing' : 'raised' }
}

/** A cell without an alarm, a bad sample or a memory of unrest: a new one would say the same. */
export const isIdle = (cell: AlarmCell, now: number, flapping: FlappingSettings): boolean =>
  !cell.alarm && cell.judged.size === 0 && isForgotten(cell.instability, now, flapping)
