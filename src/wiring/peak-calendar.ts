import type { DayWindow, LocalDay, Zone } from '../model/zone.ts'
import { type ClockHours, clockHoursOf } from '../sample/rollup/trailing-peaks.ts'

export interface PeakSettings {
  readonly window: DayWindow
  readonly lookbackDays: number
  /** Time between two polls, ms. */
  readonly intervalMs: { readonly icmp: number; readonly stamp: number; readonly snmp: number }
}

/** One local day and what leads up to it: the same for all elements of a zone. */
export interface PeakCalendar {
  readonly day: LocalDay
  readonly window: { readonly from: number; readonly to: number }
  /** The trailing days, the day itself last. */
  readonly days: readonly LocalDay[]
  readonly hours: ClockHours
  /** Clock hours of the zone begin with those of UTC, so that stored hours are clock hours. */
  readonly isWholeHours: boolean
}

const hourMs = 3_600_000

export function peakCalendarOf(
  zone: Zone,
  day: LocalDay,
  settings: Pick<PeakSettings, 'window' | 'lookbackDays'>,
): PeakCalendar {
  const days = Array.from({ length: settings.lookbackDays }, (_, i) =>
    zone.dayAfter(day, i + 1 - settings.lookbackDays),
  )
  return {
    day,
    window: zone.windowOf(day, settings.window),
    days,
    hours: clockHoursOf(zone, days),
    isWholeHours: days.every(({ from, to }) => from % hourMs === 0 && to % hourMs === 0),
  }
}

/** When the last sample that a day needs has been taken. */
export const endOf = ({ day, window }: PeakCalendar): number => Math.max(day.to, window.to)

/** What is read of the day and its window. */
export const spanOf = (calendar: PeakCalendar) => ({
  from: Math.min(calendar.day.from, calendar.window.from),
  to: endOf(calendar),
})

/** What is read of the trailing days. */
export const trailingOf = ({ days, day }: PeakCalendar) => ({ from: days[0]?.from ?? day.from, to: day.to })
