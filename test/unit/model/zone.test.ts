import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createZone, type LocalDay } from '../../../src/model/zone.ts'

const hour = 3_600_000
const utc = (text: string) => Date.parse(`${text}Z`)
const hoursOf = ({ from, to }: { from: number; to: number }) => (to - from) / hour
const evening = { from: 19 * 60, to: 23 * 60 }

/** What clocks there show, by the formatter alone. */
const shown = (at: number, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  }).format(at)

describe('a local day', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-29T12:00', '2026-03-29', 24, '2026-03-28T16:00'],
    ['Europe/Berlin', '2026-03-29T12:00', '2026-03-29', 23, '2026-03-28T23:00'],
    ['Europe/Berlin', '2026-10-25T12:00', '2026-10-25', 25, '2026-10-24T22:00'],
    ['America/New_York', '2026-03-08T12:00', '2026-03-08', 23, '2026-03-08T05:00'],
    ['America/New_York', '2026-11-01T12:00', '2026-11-01', 25, '2026-11-01T04:00'],
    ['Asia/Kolkata', '2026-06-01T12:00', '2026-06-01', 24, '2026-05-31T18:30'],
    ['Australia/Lord_Howe', '2026-04-04T20:00', '2026-04-05', 24.5, '2026-04-04T13:00'],
    ['Africa/Cairo', '2026-04-24T12:00', '2026-04-24', 23, '2026-04-23T22:00'],
  ])('of %s around %s is %s and has %d hours', (name, at, date, hours, from) => {
    const day = createZone(name).dayAt(utc(at))
    expect(day).toMatchObject({ date, from: utc(from) })
    expect(hoursOf(day)).toBe(hours)
  })

  it('is followed by the next one without a gap, all year', () => {
    for (const name of [
      'Asia/Shanghai',
      'Europe/Berlin',
      'America/New_York',
      'Africa/Cairo',
      'Asia/Tehran',
    ]) {
      const zone = createZone(name)
      let day: LocalDay = zone.dayAt(utc('2026-01-01T12:00'))
      for (let i = 0; i < 365; i++) {
        const next = zone.dayAfter(day, 1)
        expect(next.from).toBe(day.to)
        expect(zone.dayAfter(next, -1)).toEqual(day)
        expect(zone.dayAt(day.from)).toEqual(day)
        expect(zone.dayAt(day.to - 1)).toEqual(day)
        day = next
      }
    }
  })

  it('holds any instant that clocks show its date at', () => {
    const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: utc('2020-01-01T00:00'), max: utc('2035-01-01T00:00') }),
        (name, at) => {
          const zone = createZone(name)
          const day = zone.dayAt(at)
          expect(shown(at, name)).toContain(day.date)
          expect(day.from <= at && at < day.to).toBe(true)
        },
      ),
    )
  })
})

describe('the window of a day', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-29T12:00', '2026-03-29T11:00', '2026-03-29T15:00'],
    ['Europe/Berlin', '2026-03-28T12:00', '2026-03-28T18:00', '2026-03-28T22:00'],
    ['Europe/Berlin', '2026-03-29T12:00', '2026-03-29T17:00', '2026-03-29T21:00'],
    ['America/New_York', '2026-11-01T12:00', '2026-11-02T00:00', '2026-11-02T04:00'],
  ])('is the same local time in %s on %s', (name, at, from, to) => {
    const zone = createZone(name)
    expect(zone.windowOf(zone.dayAt(utc(at)), evening)).toEqual({ from: utc(from), to: utc(to) })
  })

  it('may pass midnight, and belongs to the day on which it begins', () => {
    const zone = createZone('Asia/Shanghai')
    const window = zone.windowOf(zone.dayAt(utc('2026-03-29T12:00')), { from: 22 * 60, to: 2 * 60 })
    expect(window).toEqual({ from: utc('2026-03-29T14:00'), to: utc('2026-03-29T18:00') })
  })

  it('loses the hour that clocks skip, and has the one twice that they repeat', () => {
    const zone = createZone('Europe/Berlin')
    const night = { from: 60, to: 4 * 60 }
    const on = (date: string) => hoursOf(zone.windowOf(zone.dayAt(utc(`${date}T12:00`)), night))
    expect([on('2026-03-28'), on('2026-03-29'), on('2026-10-25')]).toEqual([3, 2, 4])
  })
})

describe('the clock hours of a day', () => {
  const hours = (name: string, at: string) => {
    const zone = createZone(name)
    return zone.clockHours(zone.dayAt(utc(at))).map(hoursOf)
  }
  it('are one hour each, but where the clocks change', () => {
    expect(hours('Asia/Shanghai', '2026-03-29T12:00')).toEqual(Array(24).fill(1))
    expect(hours('Europe/Berlin', '2026-03-29T12:00')).toEqual(Array(24).fill(1).with(2, 0))
    expect(hours('Europe/Berlin', '2026-10-25T12:00')).toEqual(Array(24).fill(1).with(2, 2))
    expect(hours('America/New_York', '2026-11-01T12:00')).toEqual(Array(24).fill(1).with(1, 2))
  })
})
