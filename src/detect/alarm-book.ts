import type { AlarmChange, AlarmId, NetworkAlarm } from '../model/alarm.ts'
import type { ElementId } from '../model/network-element.ts'
import type { ProbeName } from '../model/reading.ts'
import { isStateRule, type Rule } from '../model/rule.ts'
import {
  type CellDeps,
  createCell,
  feed,
  forgetPending,
  isIdle,
  isStale,
  liveAlarm,
  restoreCell,
} from './alarm-cell.ts'
import { clearAlarm, markIndeterminate, settle } from './alarm-states.ts'
import {
  dropCell,
  type ElementWatch,
  keepCell,
  type NetworkCell,
  ownCell,
  type Spot,
  spotOfResource,
} from './element-watch.ts'
import type { FlappingSettings } from './flapping.ts'
import { rhythmOf } from './rulebook.ts'
import type { Verdict } from './verdict.ts'

export interface AlarmBookDeps {
  readonly watches: ReadonlyMap<ElementId, ElementWatch>
  readonly newAlarmId: (now: number) => AlarmId
  readonly flapping: FlappingSettings
  /** Time between two polls by probe, ms: without data for three of them an alarm is indeterminate. */
  readonly pollIntervalMs: Readonly<Record<ProbeName, number>>
}

/** The alarms of the network that stand or may come to stand, and what changed of them since it was last told. */
export interface AlarmBook {
  /** What comes next comes now, UTC epoch ms. */
  turnTo(now: number): void
  now(): number
  /** What one rule says of a spot. What that comes to is worked out by `settle`, once all rules have had their say. */
  judge(watch: ElementWatch, spot: Spot, rule: Rule, verdict: Verdict, at: number): void
  settle(): void
  /** What was measured of a dark element is old: its alarms are indeterminate, and what was gathering is forgotten. */
  darken(watch: ElementWatch): void
  /** Cells of spots that a poll might have listed: what is absent from three polls in a row is cleared. */
  countAbsence(watch: ElementWatch, spot: Spot, isListed: boolean, at: number, because: string): void
  /** What no rule watches any more is cleared. */
  clearUnwatched(watch: ElementWatch): void
  /** What was not heard of for too long is indeterminate. */
  age(): void
  /** Takes over an alarm from before a restart. Says why that cannot be. */
  restore(alarm: NetworkAlarm): string | undefined
  /** Clears an alarm that nothing watches any more. */
  clearOrphan(alarm: NetworkAlarm, because: string): void
  /** What changed since this was last asked. */
  told(): readonly AlarmChange<NetworkAlarm>[]
  /** As they were at their last change. */
  active(): readonly NetworkAlarm[]
  /** As they are this moment. */
  live(): readonly NetworkAlarm[]
}

/** After so many polls of an answering agent without the interface or the sensor it is taken for removed. */
const absentPolls = 3
/** What is measured more rarely is not told by polls, so it is not old because the element is dark, ms. */
const dailyMs = 12 * 3_600_000

export function createAlarmBook({ watches, newAlarmId, flapping, pollIntervalMs }: AlarmBookDeps): AlarmBook {
  const standing = new Map<string, NetworkCell>()
  let changes: AlarmChange<NetworkAlarm>[] = []
  let fed: { readonly watch: ElementWatch; readonly spot: Spot; readonly cell: NetworkCell }[] = []
  let clock = 0

  /** Of a flapping element it is not told either that its other alarms come and go with it. */
  const isToBeSilent = ({ resource }: NetworkCell, change: AlarmChange): boolean => {
    if (change.kind !== 'changed' || !(change.what === 'indeterminate' || change.what === 'measured'))
      return false
    const watch = watches.get(resource.element)
    return watch !== undefined && ownCell(watch, 'unreachable')?.alarm?.phase === 'flapping'
  }

  const cellDeps: CellDeps<NetworkCell['resource']> = {
    newAlarmId,
    flapping,
    emit(change, cell) {
      if (change.kind === 'cleared') standing.delete(cell.key)
      else standing.set(cell.key, cell)
      changes.push(isToBeSilent(cell, change) ? { kind: 'kept', alarm: change.alarm } : change)
    },
  }
  const { emit } = cellDeps

  const staleMsOf = (watch: ElementWatch, rule: Rule): number => {
    if (!isStateRule(rule)) return 3 * rhythmOf(rule, pollIntervalMs)
    // A vote may fall to the slowest probe when the others are filtered.
    return rule.indicator === 'reachability' ? watch.reachStaleMs : watch.agentStaleMs
  }

  const cellFor = (watch: ElementWatch, spot: Spot, rule: Rule, heardAt: number): NetworkCell => {
    const known = spot.cells.get(rule.type)
    if (known) return known
    const cell = createCell(spot.resource, rule.type, staleMsOf(watch, rule), heardAt)
    keepCell(watch, spot, cell)
    return cell
  }

  return {
    turnTo(now) {
      clock = now
    },
    now: () => clock,
    judge(watch, spot, rule, verdict, at) {
      // The good path: no cell, no bad verdict, nothing to do and nothing allocated.
      if (verdict.kind !== 'bad' && !spot.cells.has(rule.type)) return
      const cell = cellFor(watch, spot, rule, clock)
      feed(cell, rule, verdict, at, clock)
      if (!fed.some((one) => one.cell === cell)) fed.push({ watch, spot, cell })
    },
    settle() {
      if (fed.length === 0) return
      for (const { watch, spot, cell } of fed) {
        settle(cell, clock, cellDeps)
        if (isIdle(cell, clock, flapping)) dropCell(watch, spot, cell)
      }
      fed = []
    },
    darken(watch) {
      for (const spot of watch.troubled)
        for (const cell of spot.cells.values()) {
          if (cell.type === 'unreachable' || cell.staleMs > dailyMs) continue
          if (cell.alarm) markIndeterminate(cell, clock, cellDeps)
          else forgetPending(cell)
          if (isIdle(cell, clock, flapping)) dropCell(watch, spot, cell)
        }
    },
    countAbsence(watch, spot, isListed, at, because) {
      for (const cell of spot.cells.values()) {
        if (isListed) cell.absent = 0
        else if (++cell.absent >= absentPolls) {
          clearAlarm(cell, at, clock, emit, because)
          dropCell(watch, spot, cell)
        }
      }
    },
    clearUnwatched({ troubled, rules }) {
      for (const { cells } of troubled)
        for (const cell of cells.values())
          if (cell.alarm && !rules.ruleOf(cell.alarm))
            clearAlarm(cell, clock, clock, emit, 'no rule holds for it any more')
    },
    age() {
      for (const cell of standing.values())
        if (cell.alarm?.indeterminate === false && isStale(cell, clock))
          markIndeterminate(cell, clock, cellDeps)
    },
    restore(alarm) {
      const { resource } = alarm
      const watch = watches.get(resource.element)
      if (!watch) return 'the element is not polled any more'
      const rule = watch.rules.ruleOf(alarm)
      if (!rule) return 'no rule holds for it any more'
      const cell = cellFor(watch, spotOfResource(watch, resource), rule, Number.NEGATIVE_INFINITY)
      restoreCell(cell, alarm, rule)
      if (cell.alarm) standing.set(cell.key, cell)
      return undefined
    },
    clearOrphan(alarm, clearedBecause) {
      const { phase: _, ...rest } = alarm
      const over = { state: 'cleared', indeterminate: false, restoredAt: clock, clearedAt: clock } as const
      changes.push({ kind: 'cleared', alarm: { ...rest, ...over, clearedBecause } })
    },
    told() {
      const all = changes
      changes = []
      return all
    },
    active: () => [...standing.values()].flatMap(({ alarm }) => alarm ?? []),
    live: () => [...standing.values()].flatMap((cell) => liveAlarm(cell) ?? []),
  }
}
