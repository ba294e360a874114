import type { BaselineSettings } from '../model/rule.ts'
import type { Zone } from '../model/zone.ts'

/** What is usual in an hour of the week: the middle, and how far values lie from it without anything being wrong. */
export interface Usual {
  readonly median: number
  readonly spread: number
}

/** What is stored of one hour of one number. */
export interface StoredHour {
  readonly at: number
  /** The hour's median, or its mean where the median says little (loss is 0 in most bursts). */
  readonly middle: number
  /** 95th percentile within the hour. */
  readonly p95: number
}

const hourMs = 3_600_000

/** MAD of a normal distribution × this is its standard deviation. */
const perMad = 1.4826
/** 95th percentile of a normal distribution, in standard deviations above its median. */
const perP95 = 1.645

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/**
 * Median of the weeks' middles. The spread is the greater of two standard deviations: how far the weeks lie from one
 * another (MAD), and how far values lie from the middle within an hour, since single samples are what is compared. One
 * odd week in three moves neither beyond the others. Undefined for a history that is too short, seen from `hour`.
 */
export function usualOf(
  hours: readonly StoredHour[],
  hour: number,
  { minHistoryMs, minHours }: Pick<BaselineSettings, 'minHistoryMs' | 'minHours'>,
): Usual | undefined {
  const oldest = hours.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
  // Clocks may have changed since.
  if (hours.length < minHours || hour - oldest < minHistoryMs - hourMs) return undefined
  const middles = hours.map(({ middle }) => middle)
  const median = medianOf(middles)
  const among = perMad * medianOf(middles.map((middle) => Math.abs(middle - median)))
  const within = medianOf(hours.map(({ middle, p95 }) => Math.max(0, p95 - middle))) / perP95
  return { median, spread: Math.max(among, within) }
}

/**
 * The beginnings (UTC hours) of the same hour of the week in the weeks before, by local time, the latest first: when the
 * clocks change, it is what people do at that hour that counts.
 */
export function sameHoursBefore(zone: Zone, hour: number, weeks: number): readonly number[] {
  const day = zone.dayAt(hour)
  const hours = zone.clockHours(day)
  const local = Math.max(
    0,
    hours.findLastIndex(({ from, to }) => hour >= from && hour < to),
  )
  // Local hours may begin within one of UTC; one that the clocks repeat lasts for two.
  const within = (hour - (hours[local]?.from ?? hour)) % hourMs
  return Array.from({ length: weeks }, (_, index) => {
    const before = zone.dayAfter(day, -7 * (index + 1))
    const from = zone.clockHours(before)[local]?.from ?? before.from
    return Math.floor((from + within) / hourMs) * hourMs
  })
}
