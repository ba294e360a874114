import type { NetworkAlarm } from '../model/alarm.ts'
import type { Evidence, FaultReport } from '../model/fault-report.ts'
import { type Incident, isBlind } from '../model/incident.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'
import type { Service } from '../model/service.ts'
import type { Topology } from '../model/topology.ts'
import { gatherEvidence } from './evidence.ts'
import type { ServicePath } from './match-points.ts'

export interface PathEvidenceDeps {
  inventory(): Inventory
  topology(): Topology
  networkState(): NetworkState
  activeAlarms(): readonly NetworkAlarm[]
  pathOf(service: Service): readonly ElementId[]
}

type Subject = Pick<FaultReport, 'customer' | 'service'>

/** A poll older than this says nothing about now; it spans several cycles of the slowest probe. */
const windowMs = 5 * 60_000

/** Finds the paths that a report is about and what the polls say of them. */
export function createPathEvidence(deps: PathEvidenceDeps) {
  function servicesOf({ customer, service }: Subject): readonly Service[] {
    const { services } = deps.inventory()
    if (service === undefined) return [...services.values().filter((known) => known.customer === customer)]
    const known = services.get(service)
    return known ? [known] : []
  }

  const placesOf = (subject: Subject): readonly ServicePath[] =>
    servicesOf(subject).map((service) => ({ service, path: deps.pathOf(service) }))

  const polled = (element: ElementId) => deps.inventory().targets.has(element)

  /** The polled elements of all the paths, each once. */
  const pathOf = (subject: Subject): readonly ElementId[] => [
    ...new Set(placesOf(subject).flatMap(({ path }) => path.filter(polled))),
  ]

  /** A port leads elsewhere when all that is known behind it is off the path, or it carries another's service. */
  const leadsElsewhere =
    (path: ReadonlySet<ElementId>, services: readonly Service[]) =>
    (element: ElementId, port: InterfaceName): boolean => {
      const behind = deps
        .topology()
        .adjacent(element)
        .filter((step) => step.port === port)
      if (behind.length > 0) return behind.every((step) => !path.has(step.neighbour))
      const onPort = (service: Service) => service.element === element && service.interface === port
      return !services.some(onPort) && deps.inventory().services.values().some(onPort)
    }

  function of(subject: Subject, incidents: readonly Incident[], now: number): Evidence {
    const services = servicesOf(subject)
    const whole = new Set(placesOf(subject).flatMap(({ path }) => path))
    return gatherEvidence({
      path: [...whole].filter(polled),
      state: deps.networkState(),
      alarms: deps.activeAlarms(),
      leadsElsewhere: leadsElsewhere(whole, services),
      blind: incidents.some(isBlind),
      now,
      windowMs,
    })
  }

  return { placesOf, pathOf, of }
}
