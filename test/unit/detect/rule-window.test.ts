import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { createWindows } from '../../../src/detect/rule-window.ts'
import { type Calendar, weekdays } from '../../../src/model/calendar.ts'
import { createZone, type DayWindow } from '../../../src/model/zone.ts'

const office: Calendar = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  hours: [
    { from: 9 * 60, to: 12 * 60 },
    { from: 13 * 60 + 30, to: 18 * 60 },
  ],
  holidays: ['2026-10-01', '2026-10-02'],
  workdays: ['2026-10-10'],
}
const at = (text: string) => Date.parse(text)

const windowsWith = (calendars: Record<string, Calendar>, peak: DayWindow = { from: 19 * 60, to: 23 * 60 }) =>
  createWindows({ peak, calendars: new Map(Object.entries(calendars)), zoneNamed: createZone })

describe('a window', () => {
  const shanghai = createZone('Asia/Shanghai')
  const windows = windowsWith({ office, berlin: { ...office, timeZone: 'Europe/Berlin' } })

  it('is no test at all when a rule always holds', () => {
    expect(windows(undefined, shanghai)).toBe(undefined)
  })

  it('of the peak is that of the zone of the element', () => {
    const isPeak = windows('peak', shanghai)
    const asked = [
      '2026-05-01T10:59:59Z',
      '2026-05-01T11:00:00Z',
      '2026-05-01T14:59:59Z',
      '2026-05-01T15:00:00Z',
    ]
    expect(asked.map((text) => isPeak?.(at(text)))).toEqual([false, true, true, false])
  })

  it('of a calendar has its own zone, holidays, and days that are worked on for them', () => {
    const isOpen = windows({ calendar: 'office' }, shanghai)
    const inBerlin = windows({ calendar: 'berlin' }, shanghai)
    const open = ['2026-09-30', '2026-10-01', '2026-10-03', '2026-10-10'].map((date) => [
      isOpen?.(at(`${date}T09:00:00+08:00`)),
      isOpen?.(at(`${date}T12:30:00+08:00`)),
      inBerlin?.(at(`${date}T09:00:00+02:00`)),
      inBerlin?.(at(`${date}T09:00:00+08:00`)),
    ])
    expect(open).toEqual([
      [true, false, true, false],
      [false, false, false, false],
      [false, false, false, false],
      [true, false, true, false],
    ])
  })

  it('that passes midnight belongs to the day on which it begins', () => {
    const night = { ...office, hours: [{ from: 22 * 60, to: 6 * 60 }], days: ['fri' as const] }
    const isNight = windowsWith({ night })({ calendar: 'night' }, shanghai)
    const asked = [
      '2026-05-01T21:59',
      '2026-05-01T22:00',
      '2026-05-02T05:59',
      '2026-05-02T06:00',
      '2026-05-02T23:00',
    ]
    expect(asked.map((text) => isNight?.(at(`${text}:00+08:00`)))).toEqual([false, true, true, false, false])
  })

  it('of a calendar that is not there is never open', () => {
    expect(windows({ calendar: 'none' }, shanghai)?.(at('2026-05-01T09:00:00+08:00'))).toBe(false)
  })
})

/** The same by Temporal: the instant at which clocks first show that time, or at which they skip it. */
function instantOf(date: Temporal.PlainDate, minute: number, timeZone: string): number {
  const wanted = date.toPlainDateTime({ hour: 0 }).add({ minutes: minute })
  const found = wanted.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  if (found.toPlainDateTime().equals(wanted)) return found.epochMilliseconds
  const change = found.getTimeZoneTransition('next')
  if (change === null) throw new RangeError('clocks skip a time without changing')
  return change.epochMilliseconds
}

function isOpenByTemporal(calendar: Calendar, timeZone: string, at: number): boolean {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate()
  return [-2, -1, 0, 1].some((shift) => {
    const date = today.add({ days: shift })
    const weekday = weekdays[date.dayOfWeek - 1] ?? 'mon'
    const text = date.toString()
    const isDay =
      calendar.workdays.includes(text) ||
      (calendar.days.includes(weekday) && !calendar.holidays.includes(text))
    if (!isDay) return false
    return calendar.hours.some(({ from, to }) => {
      const end = to > from ? to : to + 24 * 60
      return at >= instantOf(date, from, timeZone) && at < instantOf(date, end, timeZone)
    })
  })
}

describe('a calendar on days when clocks change, and all others', () => {
  const minute = fc.integer({ min: 0, max: 24 * 60 })
  // Half of them near 01:00 to 04:00, when clocks change.
  const nearChange = fc.integer({ min: 0, max: 5 * 60 })
  const hours = fc
    .tuple(fc.oneof(minute, nearChange), fc.oneof(minute, nearChange))
    .filter(([from, to]) => from !== to && from < 24 * 60)
    .map(([from, to]) => ({ from, to }))

  it.for([
    ['Asia/Shanghai', '2026-03-29', '2026-10-25'],
    ['Europe/Berlin', '2026-03-29', '2026-10-25'],
    ['America/New_York', '2026-03-08', '2026-11-01'],
    ['Asia/Kathmandu', '2026-03-29', '2026-10-25'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-10-04'],
  ] as const)('is open as Temporal says: %s', ([timeZone, ...changes]) => {
    const zone = createZone(timeZone)
    const day = fc
      .integer({ min: -2, max: 2 })
      .chain((shift) =>
        fc
          .constantFrom(...changes)
          .map((date) => Temporal.PlainDate.from(date).add({ days: shift }).toString()),
      )
    const calendar = fc.record({
      days: fc.subarray([...weekdays], { minLength: 1 }),
      hours: fc.array(hours, { minLength: 1, maxLength: 3 }),
      holidays: fc.array(day, { maxLength: 2 }),
      workdays: fc.array(day, { maxLength: 2 }),
    })
    const times = fc.array(
      fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -3 * 1440, max: 3 * 1440 })),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(calendar, times, (some, asked) => {
        const isOpen = windowsWith({ some })({ calendar: 'some' }, zone)
        for (const [date, minutes] of asked) {
          const time = at(`${date}T02:00:00Z`) + minutes * 60_000
          expect([date, minutes, isOpen?.(time)]).toEqual([
            date,
            minutes,
            isOpenByTemporal(some, timeZone, time),
          ])
        }
      }),
      { numRuns: 60 },
    )
  })
})
