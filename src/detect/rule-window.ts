import { type Calendar, openOn, type Span } from '../model/calendar.ts'
import type { RuleWindow } from '../model/rule.ts'
import type { DayWindow, LocalDay, Zone } from '../model/zone.ts'

/** Whether a rule may raise at that time, UTC epoch ms. Quick to ask again for times near the last one. */
export type WindowTest = (at: number) => boolean

export interface WindowSettings {
  /** The busy hours of each day. */
  readonly peak: DayWindow
  readonly calendars: ReadonlyMap<string, Calendar>
  zoneNamed(timeZone: string): Zone
}

/**
 * Tests for windows. Days are worked out three at a time and kept, so that what thousands of series ask around a border
 * costs a comparison; there is one test for each window and zone.
 */
export function createWindows({ peak, calendars, zoneNamed }: WindowSettings) {
  const made = new Map<string, WindowTest>()

  /** Undefined: always. A calendar that is not there is never open. */
  return (window: RuleWindow | undefined, zone: Zone): WindowTest | undefined => {
    if (window === undefined) return undefined
    const calendar = window === 'peak' ? undefined : calendars.get(window.calendar)
    const ownZone = calendar?.timeZone === undefined ? zone : zoneNamed(calendar.timeZone)
    const key = `${window === 'peak' ? '' : window.calendar} ${ownZone.name}`
    const known = made.get(key)
    if (known) return known
    const spansOn = (day: LocalDay): readonly Span[] => {
      if (window === 'peak') return [ownZone.windowOf(day, peak)]
      return calendar === undefined ? [] : openOn(calendar, ownZone, day)
    }
    const test = testOf(ownZone, spansOn)
    made.set(key, test)
    return test
  }
}

/** What may be open at a time began on its day or on the one before. */
function testOf(zone: Zone, spansOn: (day: LocalDay) => readonly Span[]): WindowTest {
  let known: Span = { from: 0, to: 0 }
  let spans: readonly Span[] = []
  const learn = (at: number) => {
    const today = zone.dayAt(at)
    const days = [-2, -1, 0, 1].map((shift) => zone.dayAfter(today, shift))
    known = { from: days[1]?.from ?? today.from, to: days[3]?.to ?? today.to }
    spans = days.flatMap(spansOn)
  }
  return (at) => {
    if (at < known.from || at >= known.to) learn(at)
    for (const { from, to } of spans) if (at >= from && at < to) return true
    return false
  }
}
