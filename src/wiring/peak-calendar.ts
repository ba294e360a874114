import { type Calendar, openOn, type Span } from '../model/calendar.ts'
import type { PeakPolicy } from '../model/service-policy.ts'
import type { DayWindow, LocalDay, Zone } from '../model/zone.ts'
import { joinedSpans } from '../sample/rollup/judged-time.ts'
import { type ClockHours, clockHoursOf } from '../sample/rollup/trailing-peaks.ts'

export interface PeakSettings {
  readonly window: DayWindow
  /** What policies judge in place of the window. */
  readonly calendars: readonly Calendar[]
  readonly lookbackDays: number
  /** Time between two polls, ms. */
  readonly intervalMs: { readonly icmp: number; readonly stamp: number; readonly snmp: number }
}

/** One local day and what leads up to it: the same for all elements of a zone. */
export interface PeakCalendar {
  readonly zone: Zone
  readonly day: LocalDay
  readonly window: Span
  /** When the last sample that the day needs has been taken. */
  readonly until: number
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
  settings: Pick<PeakSettings, 'window' | 'calendars' | 'lookbackDays'>,
): PeakCalendar {
  const days = Array.from({ length: settings.lookbackDays }, (_, i) =>
    zone.dayAfter(day, i + 1 - settings.lookbackDays),
  )
  const window = zone.windowOf(day, settings.window)
  const ends = settings.calendars.flatMap((calendar) => openOn(calendar, zone, day).map(({ to }) => to))
  return {
    zone,
    day,
    window,
    until: Math.max(day.to, window.to, ...ends),
    days,
    hours: clockHoursOf(zone, days),
    isWholeHours: days.every(({ from, to }) => from % hourMs === 0 && to % hourMs === 0),
  }
}

/** What is read of the day and its window. */
export const spanOf = ({ day, window }: PeakCalendar): Span => ({
  from: Math.min(day.from, window.from),
  to: Math.max(day.to, window.to),
})

/** When a service is judged on that day: none where its calendar is closed, or the clocks skip the window. */
export const judgedSpans = (
  { zone, day, window }: PeakCalendar,
  policy: Pick<PeakPolicy, 'window'>,
): readonly Span[] =>
  policy.window === undefined
    ? [window].filter(({ from, to }) => to > from)
    : joinedSpans(openOn(policy.window, zone, day))

/** Some span of a day reaches into the next one. */
export const passesMidnight = ({ window, calendars }: Pick<PeakSettings, 'window' | 'calendars'>): boolean =>
  [window, ...calendars.flatMap(({ hours }) => hours)].some(({ from, to }) => to <= from)

/** What is read of the trailing days. */
export const trailingOf = ({ days, day }: PeakCalendar) => ({ from: days[0]?.from ?? day.from, to: day.to })
