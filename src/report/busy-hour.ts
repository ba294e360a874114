import {
  type BusyHourReport,
  type DirectionBusyHour,
  type ElementBusyHour,
  type Forecast,
  fullAt,
  type InterfaceBusyHour,
} from '../model/busy-hour.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'

/** The mean of the peak hour by day, in the order of time. */
export interface DailyPeaks {
  /** Local midnights, UTC epoch ms. */
  readonly at: readonly number[]
  readonly bps: readonly number[]
}

/** What is stored of one interface and direction over the range. */
export interface StoredDirection {
  readonly element: ElementId
  readonly interface: InterfaceName
  readonly direction: 'in' | 'out'
  readonly peaks: DailyPeaks
  readonly p95Bps?: number
  readonly windowMeanBps?: number
  readonly tcbhHour?: number
  readonly tcbhBps?: number
  readonly speedBps?: number
  /** All 5-minute rates of the range, where they were read. In any order. */
  readonly rates?: Float64Array
}

export interface BusyHourInput {
  readonly from: number
  readonly to: number
  readonly directions: readonly StoredDirection[]
  /** The local date at an element, which is asked for midnights of the range only. */
  readonly dateOf: (element: ElementId, at: number) => string
}

const dayMs = 86_400_000
/** A line through fewer days says nothing, and a week has all its days. */
const fewestDays = 7
const farthestDays = 3_650

function meanOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

function highestOf(values: readonly number[]): number {
  let highest = Number.NEGATIVE_INFINITY
  for (const value of values) if (value > highest) highest = value
  return highest
}

/** The usual rank of 95th-percentile billing: of rising values number ceil(0.95 n). */
export function ratesP95(rates: Float64Array): number | undefined {
  const sorted = rates.toSorted()
  return sorted[Math.ceil(sorted.length * 0.95 - 1e-9) - 1]
}

/** How busy interfaces and elements are at their busy hours, how long that will be enough. */
export function busyHourReport({ from, to, directions, dateOf }: BusyHourInput): BusyHourReport {
  const byInterface = Map.groupBy(directions, ({ element, interface: port }) => `${element} ${port}`)
  const judged = [...byInterface.values()].flatMap((both) => {
    const judgement = interfaceOf(both, dateOf)
    return judgement === undefined ? [] : [judgement]
  })
  const fullest = judged.toSorted(
    (a, b) => (b.busy.utilisation ?? -1) - (a.busy.utilisation ?? -1) || nameOrder(a.busy, b.busy),
  )
  const byElement = Map.groupBy(fullest, ({ busy }) => busy.element)
  return {
    from,
    to,
    interfaces: fullest.map(({ busy }) => busy),
    elements: [...byElement].map(([element, own]) => elementOf(element, own)),
  }
}

/** An interface, and the days on which it was over. */
interface Judged {
  readonly busy: InterfaceBusyHour
  readonly over: readonly number[]
}

const nameOrder = (a: InterfaceBusyHour, b: InterfaceBusyHour): number =>
  a.element === b.element ? (a.interface < b.interface ? -1 : 1) : a.element < b.element ? -1 : 1

function interfaceOf(both: readonly StoredDirection[], dateOf: BusyHourInput['dateOf']): Judged | undefined {
  const measured = both.filter(({ peaks }) => peaks.at.length > 0)
  const [first] = measured
  if (first === undefined) return undefined
  const { element, interface: port } = first
  const speedBps = Math.max(...measured.map((one) => one.speedBps ?? 0)) || undefined
  const [received, sent] = (['in', 'out'] as const).map((direction) => {
    const one = measured.find((stored) => stored.direction === direction)
    return one === undefined ? undefined : directionOf(one)
  })
  const fuller = Math.max(received?.meanBps ?? 0, sent?.meanBps ?? 0)
  const days = measured.map(({ peaks }) => peaks).reduce(fullerByDay)
  const limit = fullAt * (speedBps ?? Number.POSITIVE_INFINITY)
  const over = days.at.filter((_, i) => (days.bps[i] ?? 0) > limit)
  const busy = {
    element,
    interface: port,
    days: days.at.length,
    ...(speedBps === undefined
      ? {}
      : { speedBps, utilisation: fuller / speedBps, headroomBps: speedBps - fuller }),
    ...(received === undefined ? {} : { in: received }),
    ...(sent === undefined ? {} : { out: sent }),
    daysOver: over.length,
    forecast: speedBps === undefined ? unknown : forecastOf(days, speedBps, (at) => dateOf(element, at)),
  }
  return { busy, over }
}

function directionOf(stored: StoredDirection): DirectionBusyHour {
  const { peaks, p95Bps, windowMeanBps, tcbhHour, tcbhBps, rates } = stored
  const ratesP95Bps = rates === undefined ? undefined : ratesP95(rates)
  return {
    meanBps: meanOf(peaks.bps),
    highestBps: highestOf(peaks.bps),
    ...(p95Bps === undefined ? {} : { p95Bps }),
    ...(windowMeanBps === undefined ? {} : { windowMeanBps }),
    ...(tcbhHour === undefined ? {} : { tcbhHour }),
    ...(tcbhBps === undefined ? {} : { tcbhBps }),
    ...(ratesP95Bps === undefined ? {} : { ratesP95Bps }),
  }
}

/** By day the peak hour of the fuller direction. */
function fullerByDay(one: DailyPeaks, other: DailyPeaks): DailyPeaks {
  const at: number[] = []
  const bps: number[] = []
  let [i, j] = [0, 0]
  while (i < one.at.length || j < other.at.length) {
    const [here, there] = [one.at[i] ?? Number.POSITIVE_INFINITY, other.at[j] ?? Number.POSITIVE_INFINITY]
    at.push(Math.min(here, there))
    bps.push(Math.max(here <= there ? (one.bps[i] ?? 0) : 0, there <= here ? (other.bps[j] ?? 0) : 0))
    if (here <= there) i++
    if (there <= here) j++
  }
  return { at, bps }
}

const unknown: Forecast = { state: 'unknown' }

/** Least squares through the daily busy hours. */
export function forecastOf(
  { at, bps }: DailyPeaks,
  speedBps: number,
  dateOf: (at: number) => string,
): Forecast {
  const [first = 0] = at
  const last = at.at(-1)
  if (last === undefined || at.length < fewestDays) return unknown
  // Midnights are 23 to 25 hours apart; days are counted.
  const numbers = at.map((midnight) => Math.round((midnight - first) / dayMs))
  const [meanDay, meanBps] = [meanOf(numbers), meanOf(bps)]
  let spread = 0
  let product = 0
  for (let i = 0; i < numbers.length; i++) {
    const distance = (numbers[i] ?? 0) - meanDay
    spread += distance * distance
    product += distance * ((bps[i] ?? 0) - meanBps)
  }
  const slope = product / spread
  const limit = fullAt * speedBps
  const now = meanBps + slope * ((numbers.at(-1) ?? 0) - meanDay)
  if (now >= limit) return { state: 'reached' }
  const left = (limit - now) / slope
  if (!(slope > 0) || left > farthestDays) return { state: 'notInSight' }
  return { state: 'expected', date: dateAfter(dateOf(last), Math.ceil(left)) }
}

/** `2026-02-28` and 1 → `2026-03-01`. */
const dateAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)

/** The interfaces come with the fullest first. */
function elementOf(element: ElementId, own: readonly Judged[]): ElementBusyHour {
  const interfaces = own.map(({ busy }) => busy)
  const [fullest] = interfaces
  /** Undefined where no interface has that figure. */
  const sumOf = (figure: (one: InterfaceBusyHour) => number | undefined): number | undefined => {
    const known = interfaces.flatMap((one) => figure(one) ?? [])
    return known.length === 0 ? undefined : known.reduce((total, bps) => total + bps, 0)
  }
  const inP95Bps = sumOf((one) => one.in?.p95Bps)
  const outP95Bps = sumOf((one) => one.out?.p95Bps)
  const inRatesP95Bps = sumOf((one) => one.in?.ratesP95Bps)
  const outRatesP95Bps = sumOf((one) => one.out?.ratesP95Bps)
  return {
    element,
    interfaces: own.length,
    inMeanBps: sumOf((one) => one.in?.meanBps) ?? 0,
    outMeanBps: sumOf((one) => one.out?.meanBps) ?? 0,
    ...(inP95Bps === undefined ? {} : { inP95Bps }),
    ...(outP95Bps === undefined ? {} : { outP95Bps }),
    ...(inRatesP95Bps === undefined ? {} : { inRatesP95Bps }),
    ...(outRatesP95Bps === undefined ? {} : { outRatesP95Bps }),
    ...(fullest?.utilisation === undefined || fullest.headroomBps === undefined
      ? {}
      : {
          fullest: {
            interface: fullest.interface,
            utilisation: fullest.utilisation,
            headroomBps: fullest.headroomBps,
          },
        }),
    daysOver: new Set(own.flatMap(({ over }) => over)).size,
    forecast: earliestOf(interfaces.map(({ forecast }) => forecast)),
  }
}

function earliestOf(forecasts: readonly Forecast[]): Forecast {
  if (forecasts.some(({ state }) => state === 'reached')) return { state: 'reached' }
  const [date] = forecasts.flatMap((one) => (one.state === 'expected' ? [one.date] : [])).sort()
  if (date !== undefined) return { state: 'expected', date }
  return { state: forecasts.some(({ state }) => state === 'notInSight') ? 'notInSight' : 'unknown' }
}
