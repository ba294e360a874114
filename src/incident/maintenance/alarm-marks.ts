import type { Alarm, AlarmChange, AlarmId } from '../../model/alarm.ts'
import type { Coverage } from './coverage.ts'

/** Which active alarms are marked with which maintenance window, as it is on disk. */
export interface AlarmMarks {
  /**
   * The changes with their marks, and the active alarms whose mark is another than before. An alarm is raised, kept and
   * cleared in a window as it is outside.
   */
  marked(changes: readonly AlarmChange[], active: readonly Alarm[], covers: Coverage): readonly AlarmChange[]
  /** These are on disk now. */
  saved(changes: readonly AlarmChange[]): void
}

const coverOf = ({ resource }: Alarm, covers: Coverage): string | undefined =>
  resource.kind === 'system' ? undefined : covers.get(resource.element)?.window

function withMark(alarm: Alarm, window: string | undefined): Alarm {
  const { maintenance: _, ...rest } = alarm
  return window === undefined ? rest : { ...rest, maintenance: window }
}

export function createAlarmMarks(stored: readonly Alarm[]): AlarmMarks {
  const marks = new Map<AlarmId, string>()
  const remember = ({ id, state, maintenance }: Alarm) => {
    if (state === 'active' && maintenance !== undefined) marks.set(id, maintenance)
    else marks.delete(id)
  }
  for (const alarm of stored) remember(alarm)
  return {
    marked(changes, active, covers) {
      if (covers.size === 0 && marks.size === 0) return [...changes]
      const told = new Set(changes.map(({ alarm }) => alarm.id))
      return [
        ...changes.map((change) => ({
          ...change,
          alarm: withMark(change.alarm, coverOf(change.alarm, covers)),
        })),
        ...active.flatMap((alarm): readonly AlarmChange[] => {
          const window = coverOf(alarm, covers)
          if (told.has(alarm.id) || marks.get(alarm.id) === window) return []
          return [{ kind: 'kept', alarm: withMark(alarm, window) }]
        }),
      ]
    },
    saved(changes) {
      for (const { alarm } of changes) remember(alarm)
    },
  }
}
