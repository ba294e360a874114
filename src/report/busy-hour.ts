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

/** What is stored of one interface and direction over the range. Times are local midnights, UTC epoch ms. */
export interface StoredDirection {
  readonly element: ElementId
  readonly interface: InterfaceName
  readonly direction: 'in' | 'out'
  /** Mean of the peak hour by day, in the order of time. */
  readonly peaks: readonly (readonly [at: number, meanBps: number])[]
  readonly p95Bps?: number
  readonly windowMeanBps?: number
  readonly tcbhHour?: number
  readonly tcbhBps?: number
  readonly speedBps?: number
  /** All 5-minute rates of the range, where they were read. In any order. */
  readonly rates?: readonly number[]
}

export interface BusyHourInput {
  readonly from: number
  readonly to: number
  readonly directions: readonly StoredDirection[]
  /** The local date at an element. */
  readonly dateOf: (element: ElementId, at: number) => string
}

const dayMs = 86_400_000
/** A line through fewer days says nothing, and a week has all its days. */
const fewestDays = 7
const farthestDays = 3_650

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The usual rank of 95th-percentile billing: of rising values number ceil(0.95 n). */
export function ratesP95(rates: readonly number[]): number | undefined {
  const sorted = Float64Array.from(rates).sort()
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
  const measured = both.filter(({ peaks }) => peaks.length > 0)
  const [first] = measured
  if (first === undefined) return undefined
  const { element, interface: port } = first
  const speedBps = Math.max(...measured.map((one) => one.speedBps ?? 0)) || undefined
  const [received, sent] = (['in', 'out'] as const).map((direction) =>
    measured.find((one) => one.direction === direction),
  )
  const fuller = Math.max(...measured.map(({ peaks }) => mean(peaks.map(([, bps]) => bps))))
  const days = fullerByDay(measured)
  const over = speedBps === undefined ? [] : days.filter(([, bps]) => bps > fullAt * speedBps)
  const busy = {
    element,
    interface: port,
    days: days.length,
    ...(speedBps === undefined
      ? {}
      : { speedBps, utilisation: fuller / speedBps, headroomBps: speedBps - fuller }),
    ...(received === undefined ? {} : { in: directionOf(received) }),
    ...(sent === undefined ? {} : { out: directionOf(sent) }),
    daysOver: over.length,
    forecast: speedBps === undefined ? unknown : forecastOf(days, speedBps, (at) => dateOf(element, at)),
  }
  return { busy, over: over.map(([at]) => at) }
}

function directionOf(stored: StoredDirection): DirectionBusyHour {
  const { peaks, p95Bps, windowMeanBps, tcbhHour, tcbhBps, rates } = stored
  const values = peaks.map(([, bps]) => bps)
  const ratesP95Bps = rates === undefined ? undefined : ratesP95(rates)
  return {
    meanBps: mean(values),
    highestBps: Math.max(...values),
    ...(p95Bps === undefined ? {} : { p95Bps }),
    ...(windowMeanBps === undefined ? {} : { windowMeanBps }),
    ...(tcbhHour === undefined ? {} : { tcbhHour }),
    ...(tcbhBps === undefined ? {} : { tcbhBps }),
    ...(ratesP95Bps === undefined ? {} : { ratesP95Bps }),
  }
}

/** By day the peak hour of the fuller direction. */
function fullerByDay(both: readonly StoredDirection[]): readonly (readonly [at: number, bps: number])[] {
  const days = new Map<number, number>()
  for (const { peaks } of both) for (const [at, bps] of peaks) days.set(at, Math.max(days.get(at) ?? 0, bps))
  return [...days].sort(([a], [b]) => a - b)
}

const unknown: Forecast = { state: 'unknown' }

/** Least squares through the daily busy hours. */
export function forecastOf(
  days: readonly (readonly [at: number, bps: number])[],
  speedBps: number,
  dateOf: (at: number) => string,
): Forecast {
  const [first] = days
  const last = days.at(-1)
  if (first === undefined || last === undefined || days.length < fewestDays) return unknown
  // Midnights are 23 to 25 hours apart; days are counted.
  const number = (at: number) => Math.round((at - first[0]) / dayMs)
  const meanDay = mean(days.map(([at]) => number(at)))
  const meanBps = mean(days.map(([, bps]) => bps))
  const spread = days.reduce((sum, [at]) => sum + (number(at) - meanDay) ** 2, 0)
  const slope = days.reduce((sum, [at, bps]) => sum + (number(at) - meanDay) * (bps - meanBps), 0) / spread
  const limit = fullAt * speedBps
  const now = meanBps + slope * (number(last[0]) - meanDay)
  if (now >= limit) return { state: 'reached' }
  const left = (limit - now) / slope
  if (!(slope > 0) || left > farthestDays) return { state: 'notInSight' }
  // Noon, so that no change of the clocks makes it another day.
  return { state: 'expected', date: dateOf(last[0] + Math.ceil(left) * dayMs + dayMs / 2) }
}

/** The interfaces come with the fullest first. */
function elementOf(element: ElementId, own: readonly Judged[]): ElementBusyHour {
  const interfaces = own.map(({ busy }) => busy)
  const [fullest] = interfaces
  const sum = (direction: 'in' | 'out') =>
    interfaces.reduce((total, one) => total + (one[direction]?.meanBps ?? 0), 0)
  return {
    element,
    interfaces: own.length,
    inMeanBps: sum('in'),
    outMeanBps: sum('out'),
    ...(fullest?.utilisation === undefined
      ? {}
      : { fullest: { interface: fullest.interface, utilisation: fullest.utilisation } }),
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
