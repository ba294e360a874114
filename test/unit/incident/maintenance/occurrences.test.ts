import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { occurrencesOf } from '../../../../src/incident/maintenance/occurrences.ts'
import type { Interval, MaintenanceWindow } from '../../../../src/model/maintenance-window.ts'
import { every, windowOf } from '../../../support/window-of.ts'

const hour = 3_600_000
const day = 24 * hour
const at = (text: string) => Date.parse(text)
const span = ({ start, end }: Interval) =>
  `${new Date(start).toISOString().slice(0, 16)}Z +${(end - start) / hour}h`
const between = (window: MaintenanceWindow, from: string, to: string) =>
  occurrencesOf(window).overlapping(at(from), at(to)).map(span)

const nightly = (
  timeZone: string,
  start: string,
  durationMs: number,
  over: Partial<MaintenanceWindow> = {},
) => windowOf('w', { timeZone, start: at(start), durationMs, ...every('FREQ=DAILY'), ...over })

describe('a window at a local time that the clocks skip or repeat', () => {
  it.for<[string, string, string, string, readonly string[]]>([
    [
      'half past two on the night when Berlin springs forward: an hour later on the clock, and there all the same',
      'Europe/Berlin',
      '2026-03-27T02:30:00+01:00',
      '2026-03-28T00:00:00Z/2026-03-31T00:00:00Z',
      ['2026-03-28T01:30Z +1h', '2026-03-29T01:30Z +1h', '2026-03-30T00:30Z +1h'],
    ],
    [
      'half past two on the night when Berlin falls back: the first of the two',
      'Europe/Berlin',
      '2026-10-23T02:30:00+02:00',
      '2026-10-24T00:00:00Z/2026-10-27T00:00:00Z',
      ['2026-10-24T00:30Z +1h', '2026-10-25T00:30Z +1h', '2026-10-26T01:30Z +1h'],
    ],
    [
      'half past two on the night when New York springs forward',
      'America/New_York',
      '2026-03-06T02:30:00-05:00',
      '2026-03-07T00:00:00Z/2026-03-10T00:00:00Z',
      ['2026-03-07T07:30Z +1h', '2026-03-08T07:30Z +1h', '2026-03-09T06:30Z +1h'],
    ],
    [
      'half past one on the night when New York falls back',
      'America/New_York',
      '2026-10-30T01:30:00-04:00',
      '2026-10-31T00:00:00Z/2026-11-03T00:00:00Z',
      ['2026-10-31T05:30Z +1h', '2026-11-01T05:30Z +1h', '2026-11-02T06:30Z +1h'],
    ],
    [
      'half past two in Shanghai, where clocks stand',
      'Asia/Shanghai',
      '2026-03-27T02:30:00+08:00',
      '2026-03-28T00:00:00Z/2026-03-30T00:00:00Z',
      ['2026-03-28T18:30Z +1h', '2026-03-29T18:30Z +1h'],
    ],
  ])('%s', ([, zone, start, range, expected]) => {
    const [from = '', to = ''] = range.split('/')
    expect(between(nightly(zone, start, hour), from, to)).toEqual(expected)
  })

  it('keeps its local time all year', () => {
    const { overlapping } = occurrencesOf(nightly('America/New_York', '2026-01-05T22:00:00-05:00', 2 * hour))
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'America/New_York',
      hour: '2-digit',
      minute: '2-digit',
    })
    const times = overlapping(at('2026-01-06T00:00:00Z'), at('2027-01-06T00:00:00Z'))
    expect(times.length).toBeGreaterThan(364)
    expect(new Set(times.map(({ start }) => format.format(start)))).toEqual(new Set(['22:00']))
  })

  it('lasts as long as the night where hours are meant, and as long as the day where days are', () => {
    const eight = nightly('Europe/Berlin', '2026-03-27T22:00:00+01:00', 8 * hour)
    expect(between(eight, '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toEqual(['2026-03-28T21:00Z +8h'])
    const sundays = { ...every('FREQ=WEEKLY;BYDAY=SU'), timeZone: 'Europe/Berlin', durationMs: day }
    const spring = windowOf('w', { ...sundays, start: at('2026-03-22T00:00:00+01:00') })
    expect(between(spring, '2026-03-22T00:00:00Z', '2026-04-06T00:00:00Z')).toEqual([
      '2026-03-21T23:00Z +24h',
      '2026-03-28T23:00Z +23h',
      '2026-04-04T22:00Z +24h',
    ])
    const autumn = windowOf('w', { ...sundays, start: at('2026-10-18T00:00:00+02:00') })
    expect(between(autumn, '2026-10-24T23:00:00Z', '2026-10-26T00:00:00Z')).toEqual([
      '2026-10-24T22:00Z +25h',
    ])
    const both = windowOf('w', {
      start: at('2026-03-28T12:00:00+01:00'),
      durationMs: day + 2 * hour,
      timeZone: 'Europe/Berlin',
    })
    expect(between(both, '2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual(['2026-03-28T11:00Z +25h'])
  })

  it('begins once when it begins in the second of two like hours', () => {
    const second = at('2026-10-25T02:30:00+01:00')
    const window = windowOf('w', { start: second, durationMs: hour, ...every('FREQ=DAILY') })
    expect(between(window, '2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z')).toEqual([
      '2026-10-25T01:30Z +1h',
      '2026-10-26T01:30Z +1h',
    ])
  })
})

describe('the occurrences of a window', () => {
  const sundays = windowOf('w', {
    start: at('2026-03-01T03:00:00+01:00'),
    durationMs: 2 * hour,
    ...every('FREQ=WEEKLY;BYDAY=SU'),
  })

  test.for<[string, string, string, readonly string[]]>([
    [
      'the last working day of a month',
      '2026-01-30',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      ['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30'],
    ],
    [
      'every other Tuesday and Thursday',
      '2026-01-06',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH',
      ['2026-01-06', '2026-01-08', '2026-01-20', '2026-01-22', '2026-02-03', '2026-02-05', '2026-02-17'],
    ],
    [
      'the 31st, where there is one',
      '2026-01-31',
      'FREQ=MONTHLY;BYMONTHDAY=31',
      ['2026-01-31', '2026-03-31'],
    ],
    ['three times', '2026-01-04', 'FREQ=DAILY;COUNT=3', ['2026-01-04', '2026-01-05', '2026-01-06']],
    [
      'until a time, which counts',
      '2026-01-04',
      'FREQ=DAILY;UNTIL=20260106T020000Z',
      ['2026-01-04', '2026-01-05', '2026-01-06'],
    ],
    [
      'until a second before',
      '2026-01-04',
      'FREQ=DAILY;UNTIL=20260106T015959Z',
      ['2026-01-04', '2026-01-05'],
    ],
    ['in small letters', '2026-01-04', 'freq=daily;count=1', ['2026-01-04']],
  ])('%s', ([, date, rule, expected]) => {
    const window = windowOf('w', { start: at(`${date}T03:00:00+01:00`), durationMs: hour, ...every(rule) })
    const found = occurrencesOf(window).overlapping(0, at('2026-05-01T00:00:00Z'))
    const dates = found.map(({ start }) => new Date(start + 2 * hour).toISOString().slice(0, 10))
    expect(dates.slice(0, expected.length)).toEqual(expected)
    if (/COUNT|UNTIL/i.test(rule)) expect(dates).toHaveLength(expected.length)
  })

  it('leave out what is excluded', () => {
    const without = windowOf('w', {
      ...sundays,
      ...every('FREQ=WEEKLY;BYDAY=SU;COUNT=3', at('2026-03-08T03:00:00+01:00')),
    })
    expect(between(without, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([
      '2026-03-01T02:00Z +2h',
      '2026-03-15T02:00Z +2h',
    ])
  })

  it('end when they were ended or extended, and all of them when it was cancelled', () => {
    const [first, second, third] = ['2026-03-01', '2026-03-08', '2026-03-15'].map((date) =>
      at(`${date}T03:00:00+01:00`),
    )
    const moved = [
      { start: first ?? 0, end: (first ?? 0) + hour / 2 },
      { start: second ?? 0, end: (second ?? 0) + 30 * hour },
    ]
    const window = { ...sundays, moved, cancelledAt: (third ?? 0) + hour }
    expect(between(window, '2026-03-01T00:00:00Z', '2026-05-01T00:00:00Z')).toEqual([
      '2026-03-01T02:00Z +0.5h',
      '2026-03-08T02:00Z +30h',
      '2026-03-15T02:00Z +1h',
    ])
    // The one that was extended is found by a time at which it would have been over.
    expect(occurrencesOf(window).at((second ?? 0) + 29 * hour)?.start).toBe(second)
    expect(occurrencesOf(window).over).toBe((third ?? 0) + hour)
  })

  it('are under way from their start to just before their end', () => {
    const occurrences = occurrencesOf(sundays)
    const start = at('2026-03-08T03:00:00+01:00')
    expect(
      [start - 1, start, start + 2 * hour - 1, start + 2 * hour].map((now) => occurrences.at(now)?.start),
    ).toEqual([undefined, start, start, undefined])
    expect(occurrences.next(start, 2).map(span)).toEqual(['2026-03-15T02:00Z +2h', '2026-03-22T02:00Z +2h'])
    expect(occurrences.next(start - 1, 1).map(span)).toEqual(['2026-03-08T02:00Z +2h'])
  })

  it('are over some time, or never', () => {
    expect(occurrencesOf(sundays).over).toBeUndefined()
    expect(occurrencesOf(windowOf('w')).over).toBe(14 * hour)
    const once = { ...windowOf('w'), moved: [{ start: 10 * hour, end: 11 * hour }] }
    expect(occurrencesOf(once).over).toBe(11 * hour)
    const counted = { ...sundays, ...every('FREQ=WEEKLY;BYDAY=SU;COUNT=2') }
    expect(occurrencesOf(counted).over).toBe(at('2026-03-08T05:00:00+01:00'))
    const until = { ...sundays, ...every('FREQ=YEARLY;UNTIL=20350101T000000Z') }
    expect(occurrencesOf(until).over).toBe(at('2034-03-01T05:00:00+01:00'))
    expect(occurrencesOf(until).next(at('2026-06-01T00:00:00Z'), 3)).toHaveLength(3)
  })

  it('of a window that began ten years ago are found at once', () => {
    const old = nightly('Europe/Berlin', '2016-03-01T02:00:00+01:00', hour)
    const { at: underway } = occurrencesOf(old)
    const began = performance.now()
    for (let index = 0; index < 50; index++) underway(at('2026-03-02T01:30:00Z') + index * day)
    expect((performance.now() - began) / 50).toBeLessThan(20)
  })

  it('are the same however the span is cut', () => {
    const rule = fc.constantFrom(
      'FREQ=DAILY',
      'FREQ=DAILY;BYHOUR=1,13',
      'FREQ=WEEKLY;BYDAY=SA,SU',
      'FREQ=MONTHLY',
    )
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'Australia/Lord_Howe')
    const start = at('2026-03-01T01:00:00Z')
    fc.assert(
      fc.property(
        rule,
        zone,
        fc.integer({ min: 1, max: 399 }),
        fc.integer({ min: 1, max: 9 }),
        (text, timeZone, cut, hours) => {
          const { overlapping } = occurrencesOf(
            windowOf('w', { start, timeZone, durationMs: hours * hour, ...every(text) }),
          )
          const whole = overlapping(start, start + 400 * day)
          const middle = start + cut * day
          const parts = [...overlapping(start, middle), ...overlapping(middle, start + 400 * day)]
          expect([...new Map(parts.map((one) => [one.start, one])).values()]).toEqual(whole)
          for (const [index, one] of whole.entries()) {
            expect(one.end - one.start).toBe(hours * hour)
            if (index > 0) expect(one.start).toBeGreaterThan(whole[index - 1]?.start ?? Infinity)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})
