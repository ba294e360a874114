import type { DayWindow, LocalDay, Zone } from './zone.ts'

/** Monday first, as ISO 8601 counts. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** Some hours of some days, by local time: office hours, a trading day, a night of maintenance. */
export interface Calendar {
  /** IANA zone; absent: that of the element. */
  readonly timeZone?: string
  readonly days: readonly Weekday[]
  /** A span that passes midnight belongs to the day on which it begins. Never empty. */
  readonly hours: readonly DayWindow[]
  /** Dates (`2026-10-01`) on which it is closed whatever the day, and on which it is open whatever the day. */
  readonly holidays: readonly string[]
  readonly workdays: readonly string[]
}

export interface Span {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** The day of the week of a local day. */
export const weekdayOf = ({ date }: Pick<LocalDay, 'date'>): Weekday => {
  // 0 is Sunday there.
  const day = new Date(`${date}T00:00:00Z`).getUTCDay()
  return weekdays[(day + 6) % 7] ?? 'mon'
}

/** When a calendar is open on a day: instants, in the order of time; none on a holiday, or where the clocks skip it. */
export function openOn(
  { days, hours, holidays, workdays }: Calendar,
  zone: Zone,
  day: LocalDay,
): readonly Span[] {
  const isOpen =
    workdays.includes(day.date) || (days.includes(weekdayOf(day)) && !holidays.includes(day.date))
  if (!isOpen) return []
  return hours
    .map((window) => zone.windowOf(day, window))
    .filter(({ from, to }) => to > from)
    .sort((one, other) => one.from - other.from)
}
