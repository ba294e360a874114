const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** A day of the local calendar: 24 hours, or 23 or 25 when the clocks change. */
export interface LocalDay {
  /** `2026-03-29`. */
  readonly date: string
  /** UTC epoch ms; `to` exclusive. */
  readonly from: number
  readonly to: number
}

/** A time of day in minutes after midnight, 0..1440. */
export type MinuteOfDay = number

/** A span between two local times; one that ends where it begins or before ends on the next day. */
export interface DayWindow {
  readonly from: MinuteOfDay
  readonly to: MinuteOfDay
}

/** The local calendar of an IANA time zone. Not kept in a global: make one and hand it on. */
export interface Zone {
  readonly name: string
  /** Local time less UTC at that instant, ms. */
  offsetAt(at: number): number
  dayAt(at: number): LocalDay
  /** The day of that date, `2026-03-29`. */
  dayOf(date: string): LocalDay
  /** So many days later; negative: earlier. */
  dayAfter(day: LocalDay, days: number): LocalDay
  /** A window of that day, as instants; empty when the clocks skip it. */
  windowOf(day: LocalDay, window: DayWindow): { readonly from: number; readonly to: number }
  /** The 24 clock hours of the day: on a day of 23 hours one is empty, on one of 25 hours one is twice as long. */
  clockHours(day: LocalDay): readonly { readonly from: number; readonly to: number }[]
}

/** @throws RangeError when the runtime knows no such zone. */
export function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })

  const offsetAt = (at: number): number => {
    const second = Math.floor(at / 1_000) * 1_000
    const parts = Object.fromEntries(format.formatToParts(second).map(({ type, value }) => [type, +value]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
  }

  /**
   * The first instant at which local clocks show that wall time (written as if it were UTC), or a later one when they
   * skip it.
   */
  const instantOf = (wall: number): number => {
    // No zone changes its clocks twice within two days.
    const before = wall - offsetAt(wall - dayMs)
    const after = wall - offsetAt(wall + dayMs)
    const shown = [Math.min(before, after), Math.max(before, after)].find((at) => at + offsetAt(at) === wall)
    if (shown !== undefined) return shown
    // Skipped: the clocks change between the two.
    let early = Math.min(before, after)
    let late = Math.max(before, after)
    while (late - early > 1_000) {
      const middle = early + Math.floor((late - early) / 2_000) * 1_000
      if (middle + offsetAt(middle) > wall) late = middle
      else early = middle
    }
    return late
  }

  const dayOn = (wallMidnight: number): LocalDay => ({
    date: new Date(wallMidnight).toISOString().slice(0, 10),
    from: instantOf(wallMidnight),
    to: instantOf(wallMidnight + dayMs),
  })
  const midnightOf = ({ date }: Pick<LocalDay, 'date'>): number => Date.parse(`${date}T00:00:00Z`)

  return {
    name,
    offsetAt,
    dayAt: (at) => dayOn(Math.floor((at + offsetAt(at)) / dayMs) * dayMs),
    dayOf: (date) => dayOn(midnightOf({ date })),
    dayAfter: (day, days) => dayOn(midnightOf(day) + days * dayMs),
    windowOf(day, { from, to }) {
      const midnight = midnightOf(day)
      const end = to > from ? to : to + 24 * 60
      return { from: instantOf(midnight + from * minuteMs), to: instantOf(midnight + end * minuteMs) }
    },
    clockHours(day) {
      const midnight = midnightOf(day)
      const starts = Array.from({ length: 25 }, (_, hour) => instantOf(midnight + hour * hourMs))
      return starts.slice(0, 24).map((from, hour) => ({ from, to: starts[hour + 1] ?? from }))
    },
  }
}
