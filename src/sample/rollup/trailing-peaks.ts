import type { LocalDay, Zone } from '../../model/zone.ts'
import { meanOf } from './figures.ts'

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
  readonly days: number
  /** 24 × the number of the day + its clock hour; -1 outside those days. */
  slotAt(at: number): number
}

const hoursADay = 24

export function clockHoursOf(zone: Zone, days: readonly LocalDay[]): ClockHours {
  const spans = days.flatMap((day, number) =>
    zone
      .clockHours(day)
      .map((span, hour) => ({ ...span, slot: number * hoursADay + hour }))
      .filter(({ from, to }) => to > from),
  )
  const find = (at: number): number => {
    let low = 0
    let high = spans.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((spans[middle]?.from ?? 0) <= at) low = middle + 1
      else high = middle
    }
    const span = spans[low - 1]
    return span !== undefined && at < span.to ? span.slot : -1
  }
  // Hours and quarters begin at the same times for all series.
  const known = new Map<number, number>()
  return {
    days: days.length,
    slotAt(at) {
      const slot = known.get(at) ?? find(at)
      known.set(at, slot)
      return slot
    },
  }
}

/**
 * Time-consistent busy hour (TCBH, ITU-T E.600): of the 24 clock hours the one with the highest mean over the days, the
 * earliest of equal ones. Each day counts the same, whether its hour was measured whole or in part. `means` are of clock
 * hours or of parts of them, by their beginnings; NaN: not measured.
 */
export function tcbhOf(at: Float64Array, means: Float64Array, hours: ClockHours): ConsistentHour | undefined {
  const sums = new Float64Array(hours.days * hoursADay)
  const counts = new Float64Array(sums.length)
  for (let i = 0; i < at.length; i++) {
    const mean = means[i] ?? Number.NaN
    const slot = Number.isNaN(mean) ? -1 : hours.slotAt(at[i] ?? 0)
    if (slot === -1) continue
    sums[slot] = (sums[slot] ?? 0) + mean
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  let best: ConsistentHour | undefined
  for (let hour = 0; hour < hoursADay; hour++) {
    let sum = 0
    let days = 0
    for (let slot = hour; slot < sums.length; slot += hoursADay) {
      const count = counts[slot] ?? 0
      if (count === 0) continue
      sum += (sums[slot] ?? 0) / count
      days++
    }
    if (days > 0 && (best === undefined || sum / days > best.mean)) best = { hour, mean: sum / days }
  }
  return best
}
