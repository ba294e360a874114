import { setImmediate } from 'node:timers/promises'
import type { Span } from '../model/calendar.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Interval } from '../model/maintenance-window.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import type { Service } from '../model/service.ts'
import type { PeakPolicy } from '../model/service-policy.ts'
import type { LocalDay, Zone } from '../model/zone.ts'
import { lengthOf, withoutPlanned } from '../sample/rollup/judged-time.ts'
import { fullestOf, servicePeakSample } from '../sample/rollup/service-peak.ts'
import { createElementDay } from './element-day.ts'
import type { PathWindow } from './path-day.ts'
import {
  judgedSpans,
  type PeakCalendar,
  type PeakSettings,
  passesMidnight,
  peakCalendarOf,
} from './peak-calendar.ts'
import type { History } from './rollup-history.ts'
import type { Fullness } from './traffic-day.ts'

export interface PeakDaysDeps {
  readonly history: History
  readonly settings: PeakSettings
  elements(): Iterable<ElementId>
  services(): Iterable<Service>
  /** The interfaces that a service's traffic passes on its way to a gateway. */
  portsOf(service: Service): readonly { readonly element: ElementId; readonly interface: InterfaceName }[]
  /** By what a service is judged. */
  policyOf(service: Service): PeakPolicy
  /** Planned work of a span, told at once for all that is asked of it. */
  planned(span: Span): Promise<PlannedTime>
  zoneOf(element: ElementId): Zone
  offer(samples: readonly Sample[]): void
}

/** When one of these elements was covered by planned work, in the order of time. */
export type PlannedTime = (elements: readonly ElementId[]) => readonly Interval[]

/** Whether there was a process that measured on a day. Where there was none, services have no row for want of data. */
export type Seen = 'yes' | 'perhaps' | 'no'

/** The daily work of roll-ups: peaks by local day, and whether services were good at them. */
export interface PeakDays {
  /** Days that ended by `until`, of each zone, from the day after the last one told. */
  plan(until: number, seen: (day: LocalDay) => Seen): void
  /** An hour was told anew: the days that it is part of, if they were told, are told again. */
  again(element: ElementId, hour: number): void
  /**
   * Does one day of one zone, the earliest first. False when there is none.
   * @throws as a SampleStore's query does; what was not reached stays for the next call.
   */
  work(): Promise<boolean>
  /** Zone → last day that was told wholly. */
  told(): Readonly<Record<string, string>>
}

interface DayWork {
  readonly calendar: PeakCalendar
  readonly zone: Zone
  /** Services without any measurement have a row nonetheless. */
  readonly isSeen: boolean
  /** Elements that are still to be done. */
  readonly elements: Set<ElementId>
  /** Done already; their services are still to be judged. */
  readonly done: Set<ElementId>
  /** By element and the spans that were looked at. */
  readonly utilisation: Map<string, ReadonlyMap<InterfaceName, Fullness>>
  readonly paths: Map<string, PathWindow>
}

const keyOf = (element: ElementId, spans: readonly Span[]): string =>
  `${element} ${spans.map(({ from, to }) => `${from} ${to}`).join()}`

/** Days of all zones. */
const mostCalendars = 200

/** Services judged before polls get their turn: some milliseconds. */
const servicesAtOnce = 50

export function createPeakDays(
  { history, settings, elements, services, portsOf, policyOf, planned, zoneOf, offer }: PeakDaysDeps,
  told: Readonly<Record<string, string>>,
): PeakDays {
  const elementDay = createElementDay(history, settings)
  const lastTold = new Map(Object.entries(told))
  const waiting = new Map<string, DayWork>()
  const calendars = new Map<string, PeakCalendar>()

  /** Some milliseconds of work each, and asked for again for each element that is told again. */
  const calendarOf = (zone: Zone, day: LocalDay): PeakCalendar => {
    const key = `${day.date} ${zone.name}`
    const calendar = calendars.get(key) ?? peakCalendarOf(zone, day, settings)
    if (calendars.size >= mostCalendars) calendars.clear()
    calendars.set(key, calendar)
    return calendar
  }

  const zones = (): ReadonlyMap<string, { zone: Zone; elements: readonly ElementId[] }> => {
    const found = Map.groupBy(elements(), (element) => zoneOf(element).name)
    return new Map(
      [...found].flatMap(([name, [first, ...rest]]) =>
        first === undefined ? [] : [[name, { zone: zoneOf(first), elements: [first, ...rest] }] as const],
      ),
    )
  }

  const workOn = (zone: Zone, calendar: PeakCalendar, wanted: Iterable<ElementId>, isSeen: boolean) => {
    const key = `${calendar.day.date} ${zone.name}`
    const work = waiting.get(key) ?? {
      calendar,
      zone,
      isSeen,
      elements: new Set(),
      done: new Set(),
      utilisation: new Map(),
      paths: new Map(),
    }
    waiting.set(key, work)
    for (const element of wanted) work.elements.add(element)
  }

  const doElement = async ({ calendar, utilisation }: DayWork, element: ElementId) => {
    const { samples, utilisation: full } = await elementDay.traffic(element, calendar)
    offer([...samples, ...(await elementDay.icmp(element, calendar))])
    utilisation.set(keyOf(element, [calendar.window]), full)
  }

  /** In the zone of the element that carries the service. Undefined where its day has no window, or nobody measured. */
  const judge = async (work: DayWork, service: Service, plannedTime: PlannedTime) => {
    const { calendar } = work
    const policy = policyOf(service)
    const window = judgedSpans(calendar, policy)
    if (window.length === 0) return undefined
    const spans = withoutPlanned(window, plannedTime([service.element, service.endpoint]))
    const plannedRatio = (lengthOf(window) - lengthOf(spans)) / lengthOf(window)
    const seen = spans.length === 0 ? { coverage: 0 } : await seenIn(work, service, spans, policy)
    if (!work.isSeen && seen.coverage === 0) return undefined
    return servicePeakSample(service, calendar.day.from, { ...seen, plannedRatio }, policy)
  }

  const seenIn = async (
    { calendar, utilisation, paths }: DayWork,
    service: Service,
    spans: readonly Span[],
    { limits }: PeakPolicy,
  ) => {
    const pathKey = keyOf(service.endpoint, spans)
    const path = paths.get(pathKey) ?? (await elementDay.path(service.endpoint, spans))
    paths.set(pathKey, path)
    const ratios: (number | undefined)[] = []
    for (const { element, interface: port } of portsOf(service)) {
      const key = keyOf(element, spans)
      const full = utilisation.get(key) ?? (await elementDay.utilisation(element, calendar, spans))
      utilisation.set(key, full)
      const { ratio, coverage = 0 } = full.get(port) ?? {}
      // A few minutes of it say nothing about the evening.
      ratios.push(coverage >= limits.coverageRatio ? ratio : undefined)
    }
    const fullest = fullestOf(ratios)
    return { ...path, ...(fullest === undefined ? {} : { utilisationRatio: fullest }) }
  }

  /** Whether something that the service depends on was told. */
  const isTouched = ({ done }: DayWork, service: Service): boolean =>
    done.has(service.element) ||
    done.has(service.endpoint) ||
    portsOf(service).some(({ element }) => done.has(element))

  return {
    plan(until, seen) {
      for (const [name, { zone, elements: own }] of zones()) {
        const today = zone.dayAt(until)
        let day = zone.dayAfter(today, -1)
        const days: PeakCalendar[] = []
        while (day.date > (lastTold.get(name) ?? zone.dayAfter(today, -2).date)) {
          const calendar = calendarOf(zone, day)
          if (calendar.until <= until) days.unshift(calendar)
          day = zone.dayAfter(day, -1)
        }
        for (const calendar of days) {
          const is = seen(calendar.day)
          if (is !== 'no') workOn(zone, calendar, own, is === 'yes')
          lastTold.set(name, calendar.day.date)
        }
      }
    },
    again(element, hour) {
      const zone = zoneOf(element)
      const last = lastTold.get(zone.name)
      if (last === undefined) return
      const first = zone.dayAt(hour)
      // The day itself and those that look back on it; the one before, too, where a window reaches into this one.
      for (let i = passesMidnight(settings) ? -1 : 0; i < settings.lookbackDays; i++) {
        const day = zone.dayAfter(first, i)
        if (day.date <= last) workOn(zone, calendarOf(zone, day), [element], true)
      }
    },
    async work() {
      const [next] = [...waiting].sort(([a], [b]) => (a < b ? -1 : 1))
      if (next === undefined) return false
      const [key, work] = next
      for (const element of work.elements) {
        await doElement(work, element)
        work.elements.delete(element)
        work.done.add(element)
      }
      const { day, until } = work.calendar
      const plannedTime = await planned({ from: day.from, to: until })
      let judged: Sample[] = []
      let looked = 0
      for (const service of services()) {
        if (zoneOf(service.element).name === work.zone.name && isTouched(work, service)) {
          const row = await judge(work, service, plannedTime)
          if (row !== undefined) judged.push(row)
        }
        if (++looked % servicesAtOnce !== 0) continue
        offer(judged)
        judged = []
        await setImmediate()
      }
      offer(judged)
      waiting.delete(key)
      return true
    },
    told() {
      // A day that waits was not told, nor was any after it.
      const all = [...lastTold].map(([name, date]) => {
        const open = [...waiting.values()].filter(({ zone }) => zone.name === name)
        const before = open.map(({ zone, calendar }) => zone.dayAfter(calendar.day, -1).date)
        return [name, [date, ...before].sort()[0] ?? date] as const
      })
      return Object.fromEntries(all)
    },
  }
}
