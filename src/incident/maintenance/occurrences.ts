import type { Interval, MaintenanceWindow } from '../../model/maintenance-window.ts'
import { endAfter, type Starts, startsOf } from './recurrence.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** When a window takes place, with what people changed of it. */
export interface Occurrences {
  /** Those that have time in common with the span from `from` to `to`, in order. */
  overlapping(from: number, to: number): readonly Interval[]
  /** The one under way; of two, the one that began last. */
  at(now: number): Interval | undefined
  /** Up to `count` that begin after `now`, as far as ten years ahead of it or of the first one. */
  next(now: number, count: number): readonly Interval[]
  /** When the last one ends; undefined when there is always another. */
  readonly over: number | undefined
}

/** Looked ahead in steps, so that a daily window does not make years of days for its next one. */
const lookAheadMs = [7 * dayMs, 62 * dayMs, 732 * dayMs, 3_653 * dayMs]

export function occurrencesOf(window: MaintenanceWindow, starts: Starts = startsOf(window)): Occurrences {
  const { durationMs, timeZone, cancelledAt = Infinity } = window
  const excluded = new Set(window.recurrence?.exclude)
  const moved = new Map(window.moved.map(({ start, end }) => [start, end]))
  // A day may have 25 hours, and an extended occurrence is longer than planned.
  const longest = Math.max(
    durationMs + (Math.ceil(durationMs / dayMs) + 1) * hourMs,
    ...window.moved.map(({ start, end }) => end - start),
  )
  const interval = (start: number): readonly Interval[] => {
    const end = Math.min(moved.get(start) ?? endAfter(start, durationMs, timeZone), cancelledAt)
    return excluded.has(start) || end <= start ? [] : [{ start, end }]
  }
  const overlapping = (from: number, to: number) =>
    starts
      .between(from - longest, to)
      .flatMap(interval)
      .filter(({ start, end }) => start < to && end > from)
  return {
    overlapping,
    at: (now) => overlapping(now, now + 1).at(-1),
    next(now, count) {
      // Nothing begins before the first one, so that is no time to work through.
      const from = Math.max(now + 1, window.start)
      for (const ahead of lookAheadMs) {
        const found = starts
          .between(from, from + ahead)
          .flatMap(interval)
          .slice(0, count)
        if (found.length === count || ahead === lookAheadMs.at(-1)) return found
      }
      return []
    },
    get over() {
      const { last } = starts
      if (last === undefined) return cancelledAt === Infinity ? undefined : cancelledAt
      const end = Math.max(
        endAfter(last, durationMs, timeZone),
        ...window.moved.flatMap(({ start, end: until }) => (start === last ? [] : [until])),
      )
      return Math.min(moved.get(last) ?? end, cancelledAt)
    },
  }
}
