import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import type { WindowPlan } from '../../model/maintenance-window.ts'
import { readRule } from './rule-text.ts'

const dayMs = 86_400_000
/** Further than any zone is from UTC, twice. */
const zoneMarginMs = 2 * dayMs

/** Local time written as if it were UTC, and back. */
const wallOf = (at: number, timeZone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .toZonedDateTime('UTC').epochMilliseconds

/**
 * RFC 5545 §3.3.5: a local time that the clocks skip is meant with the offset before the gap (02:30 becomes 03:30), one
 * that they show twice is the first. §3.3.10 also says that skipped times are to be left out; a night without its window
 * is the greater harm.
 */
const instantOf = (wall: number, timeZone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(wall)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds

const utc = (wall: number) => ({
  timeZoneId: 'UTC',
  toString: () => `${new Date(wall).toISOString().slice(0, 19)}+00:00[UTC]`,
})

/** When something that began at `start` ends: whole days by the local calendar, the rest exactly. */
export function endAfter(start: number, durationMs: number, timeZone: string): number {
  const days = Math.floor(durationMs / dayMs)
  return Temporal.Instant.fromEpochMilliseconds(start)
    .toZonedDateTimeISO(timeZone)
    .add({ days, milliseconds: durationMs - days * dayMs }).epochMilliseconds
}

/** The starts that a plan's rule gives, before exclusions. Times are UTC epoch ms. */
export interface Starts {
  /** In order; both ends inclusive. */
  between(from: number, to: number): readonly number[]
  /** Undefined: it never ends. */
  readonly last: number | undefined
}

/**
 * The rule is worked out in local time as if that were UTC, and each start is then put into the zone: so its fields never
 * drift when the clocks change.
 * @throws Error for a rule that `readRule` refuses, or that the library does.
 */
export function startsOf({ start, recurrence, timeZone }: WindowPlan): Starts {
  if (recurrence === undefined)
    return { between: (from, to) => (start >= from && start <= to ? [start] : []), last: start }
  const read = readRule(recurrence.rule)
  if ('problem' in read) throw new Error(`the rule ${read.problem}`)
  const { local, until = Infinity, count } = read
  const firstWall = wallOf(start, timeZone)
  const rule = new RRuleTemporal({ rruleString: local, dtstart: utc(firstWall), strict: true })
  // A start in the second of two like hours is meant as it was given.
  const toInstant = (wall: number) => (wall === firstWall ? start : instantOf(wall, timeZone))
  const toInstants = (walls: readonly { readonly epochMilliseconds: number }[]) =>
    [...new Set(walls.map(({ epochMilliseconds }) => toInstant(epochMilliseconds)))]
      .filter((at) => at >= start && at <= until)
      .sort((one, other) => one - other)
  const between = (from: number, to: number) => {
    const most = Math.min(to, until)
    if (from > most) return []
    const walls = rule.between(new Date(from - zoneMarginMs), new Date(most + zoneMarginMs), true)
    return toInstants(walls).filter((at) => at >= from && at <= to)
  }
  return {
    between,
    get last() {
      if (count !== undefined) return toInstants(rule.all()).at(-1)
      if (until === Infinity) return undefined
      for (let back = 1; back <= 64; back *= 2) {
        const found = between(Math.max(start, until - back * 31 * dayMs), until).at(-1)
        if (found !== undefined) return found
      }
      return between(start, until).at(-1)
    },
  }
}
