import {
  type AlarmChange,
  type AlarmId,
  alarmKey,
  type SystemAlarm,
  type SystemAlarmType,
  type SystemResource,
} from '../model/alarm.ts'
import type { SystemStatus } from '../model/system-status.ts'
import {
  type AlarmCell,
  type CellDeps,
  createCell,
  isIdle,
  isStale,
  liveAlarm,
  restoreCell,
} from './alarm-cell.ts'
import { clearAlarm, markIndeterminate, observe } from './alarm-states.ts'
import type { FlappingSettings } from './flapping.ts'
import { internalAlarms, internalRule } from './internal-alarms.ts'

export interface SystemWatchDeps {
  /** Alarms that stood when the process stopped. */
  readonly active: readonly SystemAlarm[]
  readonly flapping: FlappingSettings
  readonly newAlarmId: (now: number) => AlarmId
  /** Time between two looks, ms: without one for three of them an alarm is indeterminate. */
  readonly everyMs: number
}

/** Alarms about Faultline itself: the same states as those of the network. They are no part of any incident. */
export interface SystemWatch {
  accept(status: SystemStatus, now: number): readonly AlarmChange<SystemAlarm>[]
  /** What follows from time alone: looks that stayed away. */
  tick(now: number): readonly AlarmChange<SystemAlarm>[]
  active(): readonly SystemAlarm[]
}

type SystemCell = AlarmCell<SystemResource>

export function createSystemWatch({ active, flapping, newAlarmId, everyMs }: SystemWatchDeps): SystemWatch {
  const cells = new Map<string, SystemCell>()
  let changes: AlarmChange<SystemAlarm>[] = []
  const deps: CellDeps<SystemResource> = { newAlarmId, flapping, emit: (change) => changes.push(change) }

  const cellFor = (part: string, type: SystemAlarmType, heardAt: number): SystemCell => {
    const resource = { kind: 'system', part } as const
    const key = alarmKey({ resource, type })
    const cell = cells.get(key) ?? createCell(resource, type, 3 * everyMs, heardAt)
    cells.set(key, cell)
    return cell
  }
  for (const alarm of active) {
    const { resource, type } = alarm
    const cell = createCell(resource, type, 3 * everyMs, Number.NEGATIVE_INFINITY)
    restoreCell(cell, alarm, internalRule(type))
    cells.set(cell.key, cell)
  }

  const told = () => {
    const all = changes
    changes = []
    return all
  }

  return {
    accept(status, now) {
      const seen = new Set<string>()
      for (const { part, type, verdict } of internalAlarms(status)) {
        const key = alarmKey({ resource: { kind: 'system', part }, type })
        seen.add(key)
        if (verdict === undefined || (verdict.kind !== 'bad' && !cells.has(key))) continue
        const cell = cellFor(part, type, now)
        observe(cell, internalRule(type), verdict, now, deps)
        if (isIdle(cell, now, flapping)) cells.delete(key)
      }
      for (const [key, cell] of cells) {
        if (seen.has(key)) continue
        clearAlarm(cell, now, now, deps.emit, 'this part is not in use any more')
        cells.delete(key)
      }
      return told()
    },
    tick(now) {
      for (const cell of cells.values())
        if (cell.alarm?.indeterminate === false && isStale(cell, now)) markIndeterminate(cell, now, deps)
      return told()
    },
    active: () => [...cells.values()].flatMap((cell) => liveAlarm(cell) ?? []),
  }
}
