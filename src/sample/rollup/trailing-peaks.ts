import type { LocalDay, Zone } from '../../model/zone.ts'
import { meanOf } from './figures.ts'

/** A mean over part of a clock hour, or the whole of one. */
export interface TimedMean {
  readonly at: number
  readonly mean: number
}

/** The hour that is busiest on the average of the days. */
export interface ConsistentHour {
  /** Clock hour, 0..23, local. */
  readonly hour: number
  readonly mean: number
}

/** Average daily peak hour (ADPH, ITU-T E.600): the mean of the peak hours of the days that have one. */
export const adphOf = (dailyPeaks: readonly number[]): number | undefined =>
  dailyPeaks.length === 0 ? undefined : meanOf(dailyPeaks)

/** The clock hours of some days, worked out once for many series. */
export interface ClockHours {
  /** The clock hour of an instant; undefined outside those days. */
  hourAt(at: number): number | undefined
}

export function clockHoursOf(zone: Zone, days: readonly LocalDay[]): ClockHours {
  const starts = days.flatMap((day) =>
    zone
      .clockHours(day)
      .map((span, hour) => ({ ...span, hour }))
      .filter(({ from, to }) => to > from),
  )
  return {
    hourAt(at) {
      let low = 0
      let high = starts.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((starts[middle]?.from ?? 0) <= at) low = middle + 1
        else high = middle
      }
      const span = starts[low - 1]
      return span !== undefined && at < span.to ? span.hour : undefined
    },
  }
}

/**
 * Time-consistent busy hour (TCBH, ITU-T E.600): of the 24 clock hours the one with the highest mean over the days, the
 * earliest of equal ones. Each day counts the same, whether its hour was measured whole or in part.
 */
export function tcbhOf(
  means: readonly TimedMean[],
  days: readonly LocalDay[],
  hours: ClockHours,
): ConsistentHour | undefined {
  const sums = Array.from({ length: 24 }, () => ({ sum: 0, days: 0 }))
  for (const { from, to } of days) {
    const ofDay = means.filter(({ at }) => at >= from && at < to)
    for (const [hour, found] of Map.groupBy(ofDay, ({ at }) => hours.hourAt(at) ?? -1)) {
      const cell = sums[hour]
      if (cell === undefined) continue
      cell.sum += meanOf(found.map(({ mean }) => mean))
      cell.days++
    }
  }
  let best: ConsistentHour | undefined
  for (const [hour, { sum, days: counted }] of sums.entries())
    if (counted > 0 && (best === undefined || sum / counted > best.mean)) best = { hour, mean: sum / counted }
  return best
}
