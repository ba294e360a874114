import type { Alarm, AlarmChange, Resource, Wavering } from '../model/alarm.ts'
import { severities } from '../model/severity.ts'
import {
  type AlarmCell,
  type CellDeps,
  type CellRule,
  feed,
  type Raised,
  seenOf,
  worstOf,
} from './alarm-cell.ts'
import { alarmClasses } from './alarm-types.ts'
import { disturbed, penaltyAt } from './flapping.ts'
import type { Verdict } from './verdict.ts'

/**
 * Works out what has been fed to a cell since the last time, and tells what that changes.
 *
 *     quiet → pending → raised ⇄ clearing → quiet
 *                          ↓ ↑
 *                        flapping → quiet
 *
 * The condition is bad while some rule says so. Each time that it turns the penalty grows; from `suppress` on the alarm
 * is flapping: it stays active and says no more (only that it is graver than it was) until data comes and the penalty
 * has fallen below `reuse`; then it is raised or cleared, whichever is true. While no data comes nothing moves, and the
 * penalty does not fall either.
 *
 * A severity that wavers is damped in the same way, by a penalty of its own: the graver one is told at once and stays, and
 * a milder one is told when it has been stable.
 */
export function settle<R extends Resource>(cell: AlarmCell<R>, now: number, deps: CellDeps<R>): void {
  const { alarm } = cell
  const worst = worstOf(cell)
  const turned = cell.isBad !== (worst !== undefined)
  if (turned) {
    cell.isBad = worst !== undefined
    cell.instability = disturbed(cell.instability, now, deps.flapping)
  }
  if (!alarm) {
    if (worst) raise(cell, worst, now, deps)
  } else if (alarm.phase === 'flapping') whileFlapping(cell, alarm, worst, turned, now, deps)
  else if (worst) whileRaised(cell, alarm, worst, now, deps)
  else if (isRestless(cell, now, deps)) {
    const flapping = { ...alarm, ...unrestOf(cell), phase: 'flapping', restoredAt: restoredIn(cell) } as const
    tell(cell, { kind: 'changed', at: now, what: 'flapping', alarm: flapping }, deps)
  } else clearAlarm(cell, restoredIn(cell), now, deps.emit)
  for (const [rule, { evaluator }] of cell.judged) if (evaluator.isIdle()) cell.judged.delete(rule)
  cell.isAllGood = true
  cell.hadGap = false
}

/** Feeds one verdict and works out at once what it comes to. */
export function observe<R extends Resource>(
  cell: AlarmCell<R>,
  rule: CellRule,
  verdict: Verdict,
  now: number,
  deps: CellDeps<R>,
): void {
  feed(cell, rule, verdict, now, now)
  settle(cell, now, deps)
}

const isRestless = (
  { instability }: AlarmCell,
  now: number,
  { flapping }: Pick<CellDeps, 'flapping'>,
): boolean => penaltyAt(instability, now, flapping) >= flapping.suppress

const unrestOf = ({ instability }: AlarmCell) => (instability ? { instability } : {})

/** First good sample of those that cleared it. */
const restoredIn = ({ judged }: AlarmCell): number =>
  Math.max(...[...judged.values()].map(({ standing }) => standing.restoredAt))

function raise<R extends Resource>(cell: AlarmCell<R>, worst: Raised, now: number, deps: CellDeps<R>): void {
  const { resource, type } = cell
  const onsets = [...cell.judged.values()].flatMap(({ standing }) =>
    standing.raised ? [standing.onsetAt] : [],
  )
  const alarm: Alarm<R> = {
    id: deps.newAlarmId(now),
    resource,
    type,
    ...alarmClasses[type],
    state: 'active',
    phase: isRestless(cell, now, deps) ? 'flapping' : 'raised',
    onsetAt: Math.min(...onsets),
    raisedAt: now,
    ...unrestOf(cell),
    ...seenOf(cell, worst),
  }
  tell(cell, { kind: 'raised', alarm }, deps)
}

function whileRaised<R extends Resource>(
  cell: AlarmCell<R>,
  alarm: Alarm<R>,
  worst: Raised,
  now: number,
  deps: CellDeps<R>,
): void {
  const wavering = waveringOf(alarm, worst, now, deps)
  const severity = wavering?.isHeld ? alarm.severity : worst.severity
  const steady: Alarm<R> = wavering ? { ...alarm, wavering } : alarm
  if (alarm.severity !== severity || alarm.indeterminate) {
    const what = alarm.severity === severity ? 'measured' : 'severity'
    const seen = seenOf(cell, worst)
    tell(cell, { kind: 'changed', at: now, what, alarm: { ...steady, ...seen, severity } }, deps)
  } else if (cell.type === 'agent-silent' && worst.detail !== alarm.refusal) {
    const { refusal, text } = seenOf(cell, worst)
    tell(cell, { kind: 'kept', alarm: { ...steady, refusal, text } }, deps)
  } else if (wavering !== alarm.wavering) tell(cell, { kind: 'kept', alarm: steady }, deps)
}

/** After what the samples come to now; the same object while that says nothing new. */
function waveringOf(
  { severity: told, wavering: before }: Alarm,
  { severity }: Raised,
  now: number,
  { flapping }: Pick<CellDeps, 'flapping'>,
): Wavering | undefined {
  const isSame = severity === (before?.severity ?? told)
  if (isSame && !before) return undefined
  const unrest = isSame ? before : disturbed(before, now, flapping)
  const isHeld =
    severities.indexOf(severity) < severities.indexOf(told) &&
    penaltyAt(unrest, now, flapping) >= (before?.isHeld ? flapping.reuse : flapping.suppress)
  if (isSame && before?.isHeld === isHeld) return before
  const { penalty, at } = unrest ?? { penalty: 0, at: now }
  return { penalty, at, severity, isHeld }
}

function whileFlapping<R extends Resource>(
  cell: AlarmCell<R>,
  alarm: Alarm<R>,
  worst: Raised | undefined,
  turned: boolean,
  now: number,
  deps: CellDeps<R>,
): void {
  const { restoredAt: before, ...rest } = alarm
  const restoredAt = worst ? undefined : turned ? restoredIn(cell) : before
  const kept: Alarm<R> = {
    ...rest,
    ...unrestOf(cell),
    indeterminate: false,
    ...(restoredAt === undefined ? {} : { restoredAt }),
  }
  const isStable = penaltyAt(cell.instability, now, deps.flapping) < deps.flapping.reuse
  const isGraver = worst && severities.indexOf(worst.severity) > severities.indexOf(alarm.severity)
  if (worst && (isStable || isGraver)) {
    const what = isStable ? 'settled' : 'severity'
    const phase = isStable ? 'raised' : 'flapping'
    tell(cell, { kind: 'changed', at: now, what, alarm: { ...kept, ...seenOf(cell, worst), phase } }, deps)
  } else if (isStable && cell.isAllGood && isQuiet(cell)) {
    cell.alarm = kept
    clearAlarm(cell, restoredAt ?? now, now, deps.emit)
  } else if (turned || cell.hadGap || alarm.indeterminate) tell(cell, { kind: 'kept', alarm: kept }, deps)
}

/** Nothing is gathering for the next raise. */
const isQuiet = ({ judged }: AlarmCell): boolean =>
  [...judged.values()].every(({ evaluator }) => evaluator.isIdle())

function tell<R extends Resource>(
  cell: AlarmCell<R>,
  change: AlarmChange<Alarm<R>>,
  { emit }: Pick<CellDeps<R>, 'emit'>,
): void {
  cell.alarm = change.alarm
  delete cell.live
  emit(change, cell)
}

/**
 * `restoredAt` is the time of the first good sample; `because` says why it is cleared when it is not by good samples.
 */
export function clearAlarm<R extends Resource>(
  cell: AlarmCell<R>,
  restoredAt: number,
  now: number,
  emit: CellDeps<R>['emit'],
  because?: string,
): void {
  if (!cell.alarm) return
  const { phase: _, wavering: __, ...rest } = cell.alarm
  const alarm: Alarm<R> = {
    ...rest,
    ...unrestOf(cell),
    state: 'cleared',
    indeterminate: false,
    restoredAt,
    clearedAt: now,
    ...(because === undefined ? {} : { clearedBecause: because }),
  }
  delete cell.alarm
  delete cell.live
  cell.isBad = false
  cell.judged.clear()
  emit({ kind: 'cleared', alarm }, cell)
}

/**
 * No data, or none that says anything: the alarm stays as it is, and says so. One that is flapping says nothing, and
 * keeps what its penalty was when data came last, so that a restart does not take the time since off it.
 */
export function markIndeterminate<R extends Resource>(
  cell: AlarmCell<R>,
  now: number,
  { emit, flapping }: Pick<CellDeps<R>, 'emit' | 'flapping'>,
): void {
  if (!cell.alarm || cell.alarm.indeterminate) return
  const alarm: Alarm<R> = { ...cell.alarm, indeterminate: true }
  if (alarm.phase !== 'flapping') {
    tell(cell, { kind: 'changed', at: now, what: 'indeterminate', alarm }, { emit })
    return
  }
  const { instability, heardAt } = cell
  if (instability && heardAt > instability.at)
    cell.instability = { penalty: penaltyAt(instability, heardAt, flapping), at: heardAt }
  tell(cell, { kind: 'kept', alarm: { ...alarm, ...unrestOf(cell) } }, { emit })
}
