import { setImmediate } from 'node:timers/promises'
import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import type { Service } from '../model/service.ts'
import type { LocalDay, Zone } from '../model/zone.ts'
import { fullestOf, type PeakLimits, servicePeakSample } from '../sample/rollup/service-peak.ts'
import { createElementDay, type PathWindow } from './element-day.ts'
import { endOf, type PeakCalendar, type PeakSettings, peakCalendarOf } from './peak-calendar.ts'
import type { History } from './rollup-history.ts'

export interface PeakDaysDeps {
  readonly history: History
  readonly settings: PeakSettings & { readonly limits: PeakLimits }
  elements(): Iterable<ElementId>
  services(): Iterable<Service>
  /** The interfaces that a service's traffic passes on its way to a gateway. */
  portsOf(service: Service): readonly { readonly element: ElementId; readonly interface: InterfaceName }[]
  zoneOf(element: ElementId): Zone
  offer(samples: readonly Sample[]): void
}

/** The daily work of roll-ups: peaks by local day, and whether services were good at them. */
export interface PeakDays {
  /** Days that ended by `until`, of each zone, from the day after the last one told. Only those in `seen` can hold samples. */
  plan(until: number, seen: (day: LocalDay) => boolean): void
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
  /** Elements that are still to be done. */
  readonly elements: Set<ElementId>
  /** Done already; their services are still to be judged. */
  readonly done: Set<ElementId>
  readonly utilisation: Map<ElementId, ReadonlyMap<InterfaceName, number>>
  readonly paths: Map<ElementId, PathWindow>
}

/** Services judged before polls get their turn: some milliseconds. */
const servicesAtOnce = 50

export function createPeakDays(
  { history, settings, elements, services, portsOf, zoneOf, offer }: PeakDaysDeps,
  told: Readonly<Record<string, string>>,
): PeakDays {
  const elementDay = createElementDay(history, settings)
  const lastTold = new Map(Object.entries(told))
  const waiting = new Map<string, DayWork>()

  const zones = (): ReadonlyMap<string, { zone: Zone; elements: readonly ElementId[] }> => {
    const found = Map.groupBy(elements(), (element) => zoneOf(element).name)
    return new Map(
      [...found].flatMap(([name, [first, ...rest]]) =>
        first === undefined ? [] : [[name, { zone: zoneOf(first), elements: [first, ...rest] }] as const],
      ),
    )
  }

  const workOn = (zone: Zone, calendar: PeakCalendar, wanted: Iterable<ElementId>) => {
    const key = `${calendar.day.date} ${zone.name}`
    const work = waiting.get(key) ?? {
      calendar,
      zone,
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
    utilisation.set(element, full)
  }

  /** In the zone of the element that carries the service. */
  const judge = async ({ calendar, utilisation, paths }: DayWork, service: Service): Promise<Sample> => {
    const { endpoint } = service
    const path = paths.get(endpoint) ?? (await elementDay.path(endpoint, calendar))
    paths.set(endpoint, path)
    const ratios: (number | undefined)[] = []
    for (const { element, interface: port } of portsOf(service)) {
      const full = utilisation.get(element) ?? (await elementDay.utilisation(element, calendar))
      utilisation.set(element, full)
      ratios.push(full.get(port))
    }
    const fullest = fullestOf(ratios)
    const window = { ...path, ...(fullest === undefined ? {} : { utilisationRatio: fullest }) }
    return servicePeakSample(service, calendar.day.from, window, settings.limits)
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
          const calendar = peakCalendarOf(zone, day, settings)
          if (endOf(calendar) <= until) days.unshift(calendar)
          day = zone.dayAfter(day, -1)
        }
        for (const calendar of days) {
          if (seen(calendar.day)) workOn(zone, calendar, own)
          lastTold.set(name, calendar.day.date)
        }
      }
    },
    again(element, hour) {
      const zone = zoneOf(element)
      const last = lastTold.get(zone.name)
      if (last === undefined) return
      const first = zone.dayAt(hour)
      // The day itself and those that look back on it; the one before, too, where its window reaches into this one.
      const { from, to } = settings.window
      for (let i = to > from ? 0 : -1; i < settings.lookbackDays; i++) {
        const day = zone.dayAfter(first, i)
        if (day.date <= last) workOn(zone, peakCalendarOf(zone, day, settings), [element])
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
      let judged: Sample[] = []
      let looked = 0
      for (const service of services()) {
        if (zoneOf(service.element).name === work.zone.name && isTouched(work, service))
          judged.push(await judge(work, service))
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
